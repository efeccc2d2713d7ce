//! The ledger: many writes at once, and several processes.

use std::{collections::BTreeMap, sync::Arc};

use connector_core::ledger::{Kept, Ledger, Memory};
use connector_host::{ledger::Ledgers, store::Store};
use serde_json::json;
use tokio::task::JoinSet;

use crate::Fresh;

const RESOURCE: &str = "User";

/// A process that just started: nothing is in memory yet.
async fn process(fresh: &Fresh) -> Arc<dyn Ledger> {
    Ledgers::start(Store::open(&fresh.config(None)).await.unwrap()).of("acme")
}

fn memory(external_id: &str) -> Memory {
    let kept = Kept { sent: json!(external_id), held: json!(null), until: None, beside: None };
    Memory(BTreeMap::from([("externalId".to_owned(), kept)]))
}

/// All at once, so that they share transactions.
async fn remember(ledger: &Arc<dyn Ledger>, count: usize, of: impl Fn(usize) -> String) {
    let mut writes = JoinSet::new();
    for number in 0..count {
        let (ledger, memory) = (ledger.clone(), memory(&of(number)));
        writes.spawn(async move { ledger.remember(RESOURCE, &format!("id-{number}"), &memory).await });
    }
    for written in writes.join_all().await {
        written.unwrap();
    }
}

async fn found(ledger: &Arc<dyn Ledger>, external_id: &str) -> Vec<String> {
    ledger.find(RESOURCE, "externalId", external_id).await.unwrap()
}

#[tokio::test]
async fn what_many_requests_write_at_once_is_there_for_the_next_process() {
    let fresh = Fresh::new().await;
    remember(&process(&fresh).await, 700, |number| format!("first {number}")).await;
    remember(&process(&fresh).await, 300, |number| format!("Second {number}")).await;

    let ledger = process(&fresh).await;
    let ids: Vec<_> = (0..701).map(|number| format!("id-{number}")).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let recalled = ledger.recall(RESOURCE, &ids).await.unwrap();
    assert_eq!(recalled.len(), 700, "nobody wrote the last one");
    assert_eq!(recalled["id-299"], memory("Second 299"));
    assert_eq!(recalled["id-300"], memory("first 300"));
    assert_eq!(ledger.recall("Group", &ids).await.unwrap().len(), 0, "another type has ids of its own");
    assert_eq!(found(&ledger, "second 7").await, ["id-7"], "letters have no case here");
    assert_eq!(found(&ledger, "first 7").await, [""; 0], "what was replaced finds nothing");
    assert_eq!(found(&ledger, "first 300").await, ["id-300"]);
}

#[tokio::test]
async fn what_is_forgotten_is_gone_and_found_no_more() {
    let fresh = Fresh::new().await;
    let ledger = process(&fresh).await;
    remember(&ledger, 20, |_| "shared".to_owned()).await;
    let mut forgetting = JoinSet::new();
    for number in 0..19 {
        let ledger = ledger.clone();
        forgetting.spawn(async move { ledger.forget(RESOURCE, &format!("id-{number}")).await });
    }
    for forgotten in forgetting.join_all().await {
        forgotten.unwrap();
    }
    ledger.forget(RESOURCE, "nobody").await.unwrap();
    for ledger in [ledger, process(&fresh).await] {
        assert!(ledger.recall(RESOURCE, &["id-0", "id-18"]).await.unwrap().is_empty());
        assert_eq!(found(&ledger, "shared").await, ["id-19"]);
    }
}

#[tokio::test]
async fn processes_that_write_the_same_objects_neither_mix_nor_block_each_other() {
    let fresh = Fresh::new().await;
    let (one, two) = (process(&fresh).await, process(&fresh).await);
    for _ in 0..5 {
        let writes =
            |ledger, name: &'static str| remember(ledger, 100, move |number| format!("{name} {number}"));
        tokio::join!(writes(&one, "one"), writes(&two, "two"));
    }
    let after = process(&fresh).await;
    for number in 0..100 {
        let id = format!("id-{number}");
        let last = after.recall(RESOURCE, &[&id]).await.unwrap().remove(&id).unwrap();
        let (winner, loser) =
            if last == memory(&format!("one {number}")) { ("one", "two") } else { ("two", "one") };
        assert_eq!(last, memory(&format!("{winner} {number}")));
        assert_eq!(found(&after, &format!("{winner} {number}")).await, [id]);
        assert_eq!(found(&after, &format!("{loser} {number}")).await, [""; 0], "a key outlived its memory");
    }
}
