//! Which major version of its connector an instance runs.

use connector_host::store::Store;

use crate::Fresh;

#[tokio::test]
async fn an_instance_stays_with_the_version_of_its_first_start() {
    let fresh = Fresh::new().await;
    let store = Store::open(&fresh.config(None)).await.unwrap();
    assert_eq!(store.pin("acme", "slack", 1).await.unwrap(), 1);
    assert_eq!(store.pin("acme", "slack", 2).await.unwrap(), 1, "a newer one came with an update");
    assert_eq!(store.pin("other", "slack", 2).await.unwrap(), 2, "it starts for the first time");
    assert_eq!(store.pin("acme", "webex", 3).await.unwrap(), 3, "another connector is another start");
}

#[tokio::test]
async fn a_pin_of_the_configuration_stays_when_it_is_removed() {
    let fresh = Fresh::new().await;
    let store = Store::open(&fresh.config(None)).await.unwrap();
    store.pin("acme", "slack", 1).await.unwrap();
    store.set_pin("acme", "slack", 2).await.unwrap();
    assert_eq!(store.pin("acme", "slack", 3).await.unwrap(), 2);
}
