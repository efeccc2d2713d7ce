//! Signatures of JWTs, verified by ring.

use jsonwebtoken::{
    Algorithm, DecodingKey, DecodingKeyKind,
    crypto::{CryptoProvider, JwtVerifier, KeyUtils},
    errors::{ErrorKind, Result},
    signature,
};
use ring::signature as algorithms;

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(ErrorKind::UnsupportedAlgorithm.into()),
    verifier_factory: |algorithm, key| verifier(*algorithm, key),
    // For thumbprints and for keys from private keys, which are asked for nowhere.
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes ring verify signatures in this process.
pub(super) fn install() {
    // Fails only when it is installed already.
    let _ = PROVIDER.install_default();
}

/// A key and how it verifies.
struct Verifier {
    algorithm: Algorithm,
    how: How,
    key: DecodingKey,
}

enum How {
    Rsa(&'static algorithms::RsaParameters),
    Other(&'static dyn algorithms::VerificationAlgorithm),
}

fn verifier(algorithm: Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    if key.family() != algorithm.family() {
        return Err(ErrorKind::InvalidKeyFormat.into());
    }
    let how = match algorithm {
        Algorithm::RS256 => How::Rsa(&algorithms::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => How::Rsa(&algorithms::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => How::Rsa(&algorithms::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => How::Rsa(&algorithms::RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => How::Rsa(&algorithms::RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => How::Rsa(&algorithms::RSA_PSS_2048_8192_SHA512),
        Algorithm::ES256 => How::Other(&algorithms::ECDSA_P256_SHA256_FIXED),
        Algorithm::ES384 => How::Other(&algorithms::ECDSA_P384_SHA384_FIXED),
        Algorithm::EdDSA => How::Other(&algorithms::ED25519),
        // HS256 and its like among them: whoever can verify those can sign them.
        _ => return Err(ErrorKind::UnsupportedAlgorithm.into()),
    };
    Ok(Box::new(Verifier { algorithm, how, key: key.clone() }))
}

impl signature::Verifier<Vec<u8>> for Verifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), signature::Error> {
        let verified = match (&self.how, self.key.kind()) {
            (How::Rsa(parameters), DecodingKeyKind::RsaModulusExponent { n, e }) => {
                algorithms::RsaPublicKeyComponents { n, e }.verify(parameters, message, signature)
            }
            (How::Other(algorithm), DecodingKeyKind::SecretOrDer(key)) => {
                algorithms::UnparsedPublicKey::new(*algorithm, key).verify(message, signature)
            }
            _ => return Err(signature::Error::new()),
        };
        verified.map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Verifier {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}
