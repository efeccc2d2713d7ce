//! Certificates of targets, made for one test.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tokio_rustls::TlsAcceptor;

/// An authority that nobody trusts by itself.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
}

/// For how long a certificate is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// It is good now.
    Now,
    /// It was.
    Past,
}

impl Authority {
    /// A new one of this name.
    pub fn new(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key can be made");
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = parameters.self_signed(&key).expect("it can be signed").der().clone();
        Self { issuer: Issuer::new(parameters, key), certificate }
    }

    /// Its own certificate, for those who shall trust it.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// Somebody who speaks TLS under this name or address.
    pub fn acceptor(&self, name: &str, validity: Validity) -> TlsAcceptor {
        let key = KeyPair::generate().expect("a key can be made");
        let mut parameters = CertificateParams::new([name.to_owned()]).expect("a name");
        if validity == Validity::Past {
            parameters.not_before = date_time_ymd(2020, 1, 1);
            parameters.not_after = date_time_ymd(2021, 1, 1);
        }
        let certificate = parameters.signed_by(&key, &self.issuer).expect("it can be signed");
        let config = ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .expect("ring speaks them")
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .expect("the key is the certificate's");
        TlsAcceptor::from(Arc::new(config))
    }
}
