//! `key generate`, `key rotate`.

use super::{print, small_runtime};
use crate::{
    cli::Failure,
    config::{Key32, Sources, StoreView},
    store::{Store, StoreError},
};

pub(super) fn generate() -> Result<(), Failure> {
    let key = Key32::generate().map_err(Failure::failed)?;
    print(&format!("{}\n", key.to_base64().expose()))
}

/// Seals the store with `store.encryption_key` again, beside running services.
pub(super) fn rotate(sources: &Sources) -> Result<(), Failure> {
    let config = StoreView::load_with_keys(sources).map_err(Failure::usage)?.store;
    if config.encryption_key.is_none() {
        return Err(Failure::usage("store.encryption_key is missing; set the key that is to seal the store"));
    }
    let failure = |error: StoreError| {
        if error.is_configuration() { Failure::usage(error) } else { Failure::failed(error) }
    };
    small_runtime()?.block_on(async {
        let store = Store::open(&config).await.map_err(failure)?;
        let done = store.rotate(&config).await;
        let recorded = match &done {
            Ok(done) => {
                let detail = format!("{} records, key {}", done.records, done.key_id);
                store.record_audit("", "cli", "key.rotated", &detail).await
            }
            Err(_) => Ok(()),
        };
        store.close().await;
        let done = done.map_err(failure)?;
        eprintln!(
            "{} records were sealed again; everything is sealed with the key of id {} now, and \
             store.previous_encryption_keys may be emptied",
            done.records, done.key_id
        );
        recorded.map_err(failure)
    })
}
