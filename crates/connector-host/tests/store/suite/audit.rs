//! Audit events.

use connector_host::store::Store;

use crate::Fresh;

#[tokio::test]
async fn events_are_read_in_pages_latest_first() {
    let fresh = Fresh::new().await;
    let store = Store::open(&fresh.config(None)).await.unwrap();
    for (instance, detail) in [("acme", "1"), ("other", "2"), ("acme", "3"), ("", "4"), ("acme", "5")] {
        store.record_audit(instance, "command line", "token.create", detail).await.unwrap();
    }
    let details = async |instance, before| {
        let page = store.audit_page(instance, before, 2).await.unwrap();
        let details: Vec<_> = page.iter().map(|event| event.detail.clone()).collect();
        (details.join(" "), page.last().map(|event| event.id))
    };
    let (page, last) = details(None, None).await;
    assert_eq!(page, "5 4");
    assert_eq!(details(None, last).await.0, "3 2");
    let (page, last) = details(Some("acme"), None).await;
    assert_eq!(page, "5 3");
    assert_eq!(details(Some("acme"), last).await.0, "1");

    let event = &store.audit_page(Some("other"), None, 10).await.unwrap()[0];
    assert_eq!((event.actor.as_str(), event.action.as_str()), ("command line", "token.create"));
    assert!(event.at > 1_700_000_000);
}
