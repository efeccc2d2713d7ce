//! The queue before the target, on a paused clock.

use super::*;

static BUDGETS: &[Budget] = &[
    Budget { name: "all writes", methods: &["POST", "PUT"], path: "", per_minute: 600, burst: 181 },
    Budget { name: "all reads", methods: &["GET"], path: "", per_minute: 600, burst: 101 },
    Budget { name: "read a user", methods: &["GET"], path: "Users/*", per_minute: 60, burst: 11 },
];

const READ: (Method, &[&str]) = (Method::GET, &["Users", "W1"]);

fn remaining(budgets: &Budgets, reads: bool) -> (u32, u32) {
    let gauge = budgets.tightest(reads).unwrap();
    (gauge.remaining, gauge.limit)
}

async fn send(
    budgets: &Arc<Budgets>,
    (method, segments): (Method, &[&str]),
    flow: &str,
    wait: u64,
) -> Result<()> {
    let counted = budgets.counted(&method, segments);
    budgets.acquire(&counted, flow, Instant::now() + Duration::from_secs(wait)).await
}

#[tokio::test(start_paused = true)]
async fn the_emptiest_limit_of_the_kind_is_told() {
    let budgets = Budgets::new(BUDGETS);
    assert_eq!(remaining(&budgets, true), (101, 101), "of equals the first");
    send(&budgets, (Method::GET, &["Users"]), "a", 0).await.unwrap();
    assert_eq!(remaining(&budgets, true), (100, 101), "a list is not a read of a user");
    send(&budgets, READ, "a", 0).await.unwrap();
    assert_eq!(remaining(&budgets, true), (10, 11));
    assert_eq!(remaining(&budgets, false), (181, 181), "writes are counted apart");
    tokio::time::advance(Duration::from_hours(1)).await;
    assert_eq!(remaining(&budgets, true), (101, 101), "what was used flows back");
    assert_eq!(Budgets::new(&[]).tightest(true), None, "nothing is told where nothing is known");
}

#[tokio::test(start_paused = true)]
async fn a_burst_leaves_at_once_and_the_rest_at_the_targets_pace() {
    let budgets = Budgets::new(BUDGETS);
    let began = Instant::now();
    for _ in 0..10 {
        send(&budgets, READ, "a", 60).await.unwrap();
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
    for _ in 0..30 {
        send(&budgets, READ, "a", 60).await.unwrap();
    }
    let took = began.elapsed().as_secs_f64();
    assert!((30.0..30.0 / 0.95).contains(&took), "30 more at one a second took {took} s");
}

static FIVE_A_SECOND: &[Budget] =
    &[Budget { name: "all", methods: &["GET", "POST"], path: "", per_minute: 300, burst: 1 }];

/// The most of these that lie in one second, wherever it begins.
fn most_in_a_second(left: &[u128]) -> usize {
    let within = |from: &u128| left.iter().filter(|at| (*from..*from + 1_000_000_000).contains(*at)).count();
    left.iter().map(within).max().unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn where_nothing_leaves_at_once_no_second_has_more_than_the_limit() {
    let budgets = Budgets::new(FIVE_A_SECOND);
    let began = Instant::now();
    let mut left = Vec::new();
    // After a pause no more than in the long run.
    for pause in [0, 0, 3, 60] {
        tokio::time::advance(Duration::from_secs(pause)).await;
        for _ in 0..20 {
            send(&budgets, READ, "a", 60).await.unwrap();
            left.push(began.elapsed().as_nanos());
        }
    }
    assert_eq!(most_in_a_second(&left), 5);
    let travels = left.windows(6).map(|six| six[5] - six[0]).min().unwrap();
    assert!(travels >= 1_100_000_000, "the sixth may overtake by a tenth of a second: {travels:?}");
    let run = left[39] - left[0];
    assert!(run < 39 * 225_000_000, "as fast as that allows: {run:?}");
}

#[tokio::test(start_paused = true)]
async fn processes_that_share_such_a_limit_keep_to_it_together() {
    for shares in [&[0.5, 0.5][..], &[0.34, 0.33, 0.33], &[0.7, 0.3], &[0.999_999_999]] {
        let began = Instant::now();
        let mut processes = tokio::task::JoinSet::new();
        for share in shares.iter().copied() {
            processes.spawn(async move {
                let budgets = Budgets::new(FIVE_A_SECOND);
                budgets.set_share(share);
                let mut left = Vec::new();
                for _ in 0..20 {
                    send(&budgets, READ, "a", 60).await.unwrap();
                    left.push(began.elapsed().as_nanos());
                }
                left
            });
        }
        let left: Vec<u128> = processes.join_all().await.into_iter().flatten().collect();
        let most = most_in_a_second(&left);
        assert!(most <= 5 && (shares.len() > 1 || most == 5), "{most} in one second with parts {shares:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_leave_in_time_is_told_at_once_with_the_true_wait() {
    let budgets = Budgets::new(BUDGETS);
    for _ in 0..10 {
        send(&budgets, READ, "a", 0).await.unwrap();
    }
    let began = Instant::now();
    let error = send(&budgets, READ, "a", 1).await.unwrap_err();
    assert_eq!((error.kind(), began.elapsed()), (Kind::RateLimited, Duration::ZERO));
    let Retry::After(wait) = error.retry_hint() else { panic!("{error:?}") };
    assert!(wait > Duration::from_secs(1) && wait < Duration::from_millis(1100), "{wait:?}");
    send(&budgets, READ, "a", 2).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_refusal_stops_the_limit_it_is_about_and_no_other() {
    let budgets = Budgets::new(BUDGETS);
    let counted = budgets.counted(&READ.0, READ.1);
    budgets.stop(&counted, Duration::from_secs(30));
    send(&budgets, (Method::GET, &["Users"]), "a", 0).await.unwrap();
    send(&budgets, (Method::POST, &["Users"]), "a", 0).await.unwrap();
    let error = send(&budgets, READ, "a", 20).await.unwrap_err();
    let Retry::After(wait) = error.retry_hint() else { panic!("{error:?}") };
    assert_eq!(wait, Duration::from_secs(30));
    let began = Instant::now();
    send(&budgets, READ, "a", 40).await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn no_flow_starves_another() {
    let budgets = Budgets::new(BUDGETS);
    for _ in 0..10 {
        send(&budgets, READ, "bulk", 0).await.unwrap();
    }
    let began = Instant::now();
    let mut bulk = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let budgets = Arc::clone(&budgets);
        bulk.spawn(async move { send(&budgets, READ, "bulk", 600).await.unwrap() });
    }
    tokio::task::yield_now().await;
    send(&budgets, READ, "single", 600).await.unwrap();
    let waited = began.elapsed();
    assert!(waited < Duration::from_secs(4), "a single request waited {waited:?} behind a bulk of 40");
    bulk.join_all().await;
    assert_eq!(budgets.waiting(), 0);
}

static SHARED: &[Budget] =
    &[Budget { name: "all", methods: &["GET", "POST"], path: "", per_minute: 60, burst: 2 }];

#[tokio::test(start_paused = true)]
async fn reads_are_not_held_up_by_writes_of_the_same_limit() {
    let budgets = Budgets::new(SHARED);
    let mut writes = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let budgets = Arc::clone(&budgets);
        writes.spawn(async move { send(&budgets, (Method::POST, &["contacts"]), "a", 600).await.unwrap() });
    }
    tokio::task::yield_now().await;
    let began = Instant::now();
    send(&budgets, (Method::GET, &["contacts"]), "a", 600).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    writes.join_all().await;
}

#[tokio::test(start_paused = true)]
async fn one_who_gives_up_takes_nobodys_place() {
    let budgets = Budgets::new(BUDGETS);
    for _ in 0..10 {
        send(&budgets, READ, "a", 0).await.unwrap();
    }
    let (one, two) = (Arc::clone(&budgets), Arc::clone(&budgets));
    let gone = tokio::spawn(async move { send(&one, READ, "gone", 600).await });
    tokio::task::yield_now().await;
    let began = Instant::now();
    let next = tokio::spawn(async move { send(&two, READ, "next", 600).await });
    tokio::task::yield_now().await;
    gone.abort();
    next.await.unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_millis(1100), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_nobody_publishes_is_learned_from_a_refusal() {
    let budgets = Budgets::new(&[]);
    let people = (Method::GET, &["people"][..]);
    for _ in 0..100 {
        send(&budgets, people.clone(), "a", 0).await.unwrap();
    }
    budgets.stop(&budgets.counted(&people.0, people.1), Duration::from_mins(1));
    send(&budgets, (Method::GET, &["teams"]), "a", 0).await.unwrap();
    assert!(send(&budgets, people.clone(), "a", 30).await.is_err());
    let began = Instant::now();
    send(&budgets, people.clone(), "a", 70).await.unwrap();
    assert!(began.elapsed() >= Duration::from_mins(1));
    let sent = async {
        let mut sent = 0;
        loop {
            send(&budgets, people.clone(), "a", 600).await.unwrap();
            sent += 1;
            if began.elapsed() > Duration::from_mins(2) {
                return sent;
            }
        }
    };
    let sent = sent.await;
    assert!((60..110).contains(&sent), "{sent} in the minute after");
}

#[tokio::test(start_paused = true)]
async fn one_refusal_of_few_requests_is_waited_for_and_one_after_the_other_slows_down() {
    let budgets = Budgets::new(&[]);
    let people = (Method::GET, &["people"][..]);
    let counted = budgets.counted(&people.0, people.1);
    let minute = async || {
        let began = Instant::now();
        let mut sent = 0;
        while began.elapsed() < Duration::from_mins(1) {
            send(&budgets, people.clone(), "a", 600).await.unwrap();
            sent += 1;
        }
        sent
    };
    send(&budgets, people.clone(), "a", 0).await.unwrap();
    // All that were under way are refused.
    for _ in 0..9 {
        budgets.stop(&counted, Duration::from_secs(1));
    }
    send(&budgets, people.clone(), "a", 2).await.unwrap();
    let began = Instant::now();
    for _ in 0..20 {
        send(&budgets, people.clone(), "a", 0).await.unwrap();
    }
    assert_eq!(began.elapsed(), Duration::ZERO, "after a single refusal");
    budgets.stop(&counted, Duration::from_secs(1));
    let second = minute().await;
    assert!((55..75).contains(&second), "{second} in a minute after the second refusal");
    budgets.stop(&counted, Duration::from_secs(1));
    let third = minute().await;
    assert!((35..60).contains(&third), "{third} after the third one");
}

#[tokio::test(start_paused = true)]
async fn a_share_of_a_limit_is_kept_to() {
    let budgets = Budgets::new(BUDGETS);
    budgets.set_share(0.5);
    let began = Instant::now();
    for _ in 0..34 {
        send(&budgets, READ, "a", 600).await.unwrap();
    }
    let took = began.elapsed().as_secs_f64();
    assert!((60.0..64.0).contains(&took), "half of one a second after a burst of four: {took} s");
}

#[tokio::test(start_paused = true)]
async fn a_part_that_grows_brings_nothing_that_another_may_have_used() {
    let leave_at_once = async |budgets: &Arc<Budgets>| {
        let mut count = 0;
        while send(budgets, READ, "a", 0).await.is_ok() {
            count += 1;
        }
        count
    };
    let joined = Budgets::new(BUDGETS);
    joined.join(0.5);
    assert_eq!(leave_at_once(&joined).await, 1, "the others may have used the rest");
    joined.set_share(1.0);
    assert_eq!(leave_at_once(&joined).await, 0, "they may have used theirs, too");
    tokio::time::advance(Duration::from_mins(1)).await;
    joined.set_share(0.5);
    let half = leave_at_once(&joined).await;
    joined.set_share(1.0);
    assert_eq!(leave_at_once(&joined).await, 0);
    tokio::time::advance(Duration::from_mins(1)).await;
    let whole = leave_at_once(&joined).await;
    assert!(half < whole && half > 1, "{half} of {whole}");

    let alone = Budgets::new(BUDGETS);
    alone.set_share(2.0);
    assert!(leave_at_once(&alone).await > whole, "what nobody used is there from the start on");
}

#[tokio::test(start_paused = true)]
async fn another_address_has_a_limit_of_its_own_and_a_pause_there_holds_nobody_else_up() {
    let budgets = Budgets::new(BUDGETS);
    let graph = budgets.counted_at(&Method::GET, "graph_url");
    let at = async |wait| budgets.acquire(&graph, "a", Instant::now() + Duration::from_secs(wait)).await;
    at(0).await.unwrap();
    assert_eq!(remaining(&budgets, true), (101, 101), "published limits are those of the target address");
    budgets.pause(&graph, Duration::from_secs(4));
    assert_eq!(at(3).await.unwrap_err().retry_hint(), Retry::After(Duration::from_secs(4)));
    send(&budgets, READ, "a", 0).await.unwrap();
    let writes = budgets.counted_at(&Method::POST, "graph_url");
    budgets.acquire(&writes, "a", Instant::now()).await.unwrap();
    at(5).await.unwrap();
    at(0).await.unwrap();
}
