//! What goes wrong at the target, and what must become of it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use connector_core::error::{Kind, Retry};
use serde_json::json;

use super::{
    rows,
    scene::{Broken, CREATED, Calls, Fault, Renewable, SHORT, Scene, Subject, must, must_fail, must_work},
    stand_in::How,
};
use crate::{
    answer::Answer,
    gateway::{Setup, TOKEN, carried},
    server::Exchange,
};

/// The token after it was renewed: as secret as the first.
const RENEWED: &str = "a-token-nobody-may-read-renewed";

/// The forms in which the target says it, and the bare status where there is one.
fn forms(subject: &Subject, bare: Option<u16>) -> Vec<Answer> {
    let How::Answers(forms) = &subject.staged.how else { return Vec::new() };
    forms.iter().cloned().chain(bare.map(Answer::new)).collect()
}

/// A change that reaches the target: of an attribute, of membership, or a deletion.
async fn write(scene: &Scene<'_>) -> Result<Option<connector_core::error::Result<()>>, String> {
    let subject = scene.subject;
    let target = subject.target();
    let (id, _) = subject.object(0);
    if target.updater().is_some() {
        let read = must_work("a read", scene.get(&id).await)?;
        let plan = scene.endpoint().plan();
        let change = subject.table().rows.iter().find_map(|row| {
            let path = crate::sample::ScimPath::of(row.scim);
            let changeable = row.direction == connector_core::mapping::Direction::Both
                && row.elements.is_none()
                && !subject.staged.leaves_out(row.scim)
                && path.kind(plan) == connector_core::scim::Type::String;
            let value = rows::changed(row, path.kind(plan), path.values_in(&read).first().copied())?;
            changeable.then(|| json!([{"op": "replace", "path": row.scim, "value": value}]))
        });
        if let Some(operations) = change {
            return Ok(Some(scene.modify(&id, operations).await.map(drop)));
        }
    }
    if target.members().is_some() {
        let operations = json!([{"op": "add", "path": "members", "value": [{"value": "KITNEW1"}]}]);
        return Ok(Some(scene.modify(&id, operations).await.map(drop)));
    }
    if target.deleter().is_some() {
        return Ok(Some(scene.delete(&id).await));
    }
    Ok(None)
}

/// Every write the type has ends in one of these kinds.
async fn writes_fail(subject: &Subject, answer: &Answer, kinds: &[Kind], what: &str) -> Result<(), Broken> {
    let fault = || vec![Fault::answer(Calls::Writes, answer.clone())];
    let told = |of: &str| format!("{of} that the target answers with {} ({what})", answer.status);
    subject
        .play(fault(), async |scene| {
            if let Some(outcome) = write(scene).await? {
                must_fail(&told("a change"), outcome, kinds)?;
            }
            Ok(())
        })
        .await?;
    if subject.target().deleter().is_some() {
        subject
            .play(fault(), async |scene| {
                let (id, object) = subject.object(0);
                scene.holds([(id.clone(), rows::unused(subject, object))]);
                must_fail(&told("a deletion"), scene.delete(&id).await, kinds)?;
                Ok(())
            })
            .await?;
    }
    Ok(())
}

pub(super) async fn credential_refused_once(subject: &Subject) -> Result<(), Broken> {
    let kind = subject.words.registration().spec.credentials.iter().copied().next();
    let kind = kind.unwrap_or(connector_core::spec::CredentialKind::AccessToken);
    for form in forms(subject, Some(401)) {
        let refusal = Fault::change(Calls::All, move |request, usual| {
            let renewed = request.headers.iter().any(|(_, value)| value.contains(RENEWED));
            if renewed { usual } else { form.clone() }
        });
        let source = Arc::new(Renewable::new(carried(kind, TOKEN), carried(kind, RENEWED)));
        subject
            .play_with(
                vec![refusal],
                |setup| setup.credentials(source),
                async |scene| {
                    let (id, _) = subject.object(0);
                    must_work("a read after the credential was renewed", scene.get(&id).await)?;
                    let asked = scene.exchanges().len();
                    must(asked >= 2, || "the refused call is not made again".to_owned())?;
                    let refused =
                        scene.exchanges().iter().filter(|exchange| exchange.answer.status >= 400).count();
                    must(refused <= 1, || format!("{refused} calls carry the refused credential"))
                },
            )
            .await?;
    }
    Ok(())
}

pub(super) async fn credential_refused(subject: &Subject) -> Result<(), Broken> {
    for form in forms(subject, Some(401)) {
        subject
            .play(vec![Fault::answer(Calls::All, form.clone())], async |scene| {
                let (id, _) = subject.object(0);
                let error = must_fail(
                    "a read with a refused credential",
                    scene.get(&id).await,
                    &[Kind::TargetCredential],
                )?;
                must(error.to_string().contains("replace"), || {
                    format!("the operator is not told what to do: {error}")
                })?;
                let asked = scene.exchanges().len();
                must(asked <= 4, || format!("the target was asked {asked} times with a refused credential"))?;
                let checked = scene.noted(scene.gateway.check().await);
                must_fail("a check of a refused credential", checked, &[Kind::TargetCredential])?;
                must_fail(
                    "a list with a refused credential",
                    scene.list(None).await,
                    &[Kind::TargetCredential],
                )?;
                Ok(())
            })
            .await?;
    }
    Ok(())
}

pub(super) async fn forbidden(subject: &Subject) -> Result<(), Broken> {
    for form in forms(subject, Some(403)) {
        subject
            .play(vec![Fault::answer(Calls::Reads, form.clone())], async |scene| {
                let (id, _) = subject.object(0);
                must_fail("a forbidden read", scene.get(&id).await, &[Kind::Forbidden])?;
                Ok(())
            })
            .await?;
        writes_fail(subject, &form, &[Kind::Forbidden], "forbidden").await?;
    }
    Ok(())
}

pub(super) async fn missing_on_write(subject: &Subject) -> Result<(), Broken> {
    for form in forms(subject, Some(404)) {
        writes_fail(subject, &form, &[Kind::NotFound], "gone meanwhile").await?;
    }
    Ok(())
}

pub(super) async fn conflict(subject: &Subject) -> Result<(), Broken> {
    for form in forms(subject, None) {
        let fault = vec![Fault::answer(Calls::Writes, form.clone())];
        subject
            .play(fault, async |scene| {
                if let Some(outcome) = write(scene).await? {
                    let error = must_fail(
                        &format!("a change that the target answers with {}", form.status),
                        outcome,
                        &[Kind::Conflict, Kind::Duplicate, Kind::Mutability],
                    )?;
                    let (status, _) = error.kind().answer();
                    must(status == 409 || status == 400, || format!("the client is told {status}"))?;
                }
                Ok(())
            })
            .await?;
    }
    Ok(())
}

/// What the header says, and how long that is in seconds; `None`: nothing that can be read.
const RETRY_AFTER: &[(&str, Option<u64>)] = &[
    ("3600", Some(3600)),
    (" 90 ", Some(90)),
    ("7.5", Some(8)),
    ("Thu, 31 Dec 2099 23:59:59 GMT", Some(86_400)),
    ("99999999999999999999", Some(86_400)),
    ("soon", None),
    ("-5", None),
];

pub(super) async fn rate_limited(subject: &Subject) -> Result<(), Broken> {
    let (id, _) = subject.object(0);
    for (index, form) in forms(subject, Some(429)).into_iter().enumerate() {
        let limited = |after: Option<&str>| match after {
            Some(after) => form.clone().header("Retry-After", after),
            None => form.clone(),
        };
        for (after, seconds) in
            RETRY_AFTER.iter().map(|(text, seconds)| (Some(*text), *seconds)).chain([(None, None)])
        {
            let begun = Instant::now();
            subject
                .play_with(
                    vec![Fault::answer(Calls::All, limited(after))],
                    Setup::within_limits,
                    async |scene| {
                        let what = format!(
                            "a read under a rate limit with `Retry-After: {}`",
                            after.unwrap_or("(none)")
                        );
                        let error = must_fail(&what, scene.get(&id).await, &[Kind::RateLimited])?;
                        must(begun.elapsed() < Duration::from_secs(5), || format!("{what} takes too long"))?;
                        let Retry::After(wait) = error.retry_hint() else {
                            return Err(format!("{what} does not say when to come back"));
                        };
                        let said = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                        match seconds {
                            Some(seconds) => must(said.abs_diff(seconds) <= 2, || {
                                format!("{what} is to come back after {seconds} s, and is told {said}")
                            }),
                            None => must(said >= 1, || format!("{what} is told to come back after {said} s")),
                        }
                    },
                )
                .await?;
        }
        // Waits that fit into the client's patience are waited for.
        let waits = [("1", 900), ("0", 0), ("Thu, 01 Jan 2015 00:00:00 GMT", 0)];
        // One wait of a second is enough.
        for (after, least) in waits.into_iter().skip(usize::from(index > 0)) {
            let begun = Instant::now();
            subject
                .play_with(
                    vec![Fault::answer(Calls::All, limited(Some(after))).times(1)],
                    Setup::within_limits,
                    async |scene| {
                        let what = format!("a read after a short rate limit with `Retry-After: {after}`");
                        must_work(&what, scene.get(&id).await)?;
                        let took = begun.elapsed().as_millis();
                        must(took >= least, || format!("{what} is tried again after {took} ms"))
                    },
                )
                .await?;
        }
        if subject.target().creator().is_some() {
            subject
                .play_with(
                    vec![Fault::answer(Calls::Writes, limited(Some("0"))).times(1)],
                    Setup::within_limits,
                    async |scene| {
                        let body = rows::body(subject, CREATED, scene).await?;
                        must_work("a creation after a short rate limit", scene.create(body).await)?;
                        Ok(())
                    },
                )
                .await?;
        }
    }
    Ok(())
}

pub(super) async fn unavailable(subject: &Subject) -> Result<(), Broken> {
    let (id, _) = subject.object(0);
    let page = |status| Answer::new(status).body("<html><body>Sorry</body></html>", "text/html");
    let bare = [500, 502, 503, 504].map(page);
    for form in forms(subject, None).into_iter().chain(bare) {
        subject
            .play(vec![Fault::answer(Calls::Reads, form.clone()).times(1)], async |scene| {
                must_work(&format!("a read after one {}", form.status), scene.get(&id).await)?;
                Ok(())
            })
            .await?;
        let lasting = vec![Fault::answer(Calls::All, form.clone())];
        subject
            .play_with(
                lasting,
                |setup| setup.patience(SHORT),
                async |scene| {
                    let begun = Instant::now();
                    let what = format!("a read of a target that answers {} for ever", form.status);
                    let error = must_fail(&what, scene.get(&id).await, &[Kind::Unavailable, Kind::Deadline])?;
                    must(begun.elapsed() < SHORT * 4, || format!("{what} takes {:?}", begun.elapsed()))?;
                    must(!error.to_string().contains("<html"), || {
                        format!("the target's page is quoted: {error}")
                    })
                },
            )
            .await?;
    }
    Ok(())
}

/// Reads of one object and of a list end as an odd answer.
async fn odd(subject: &Subject, fault: Fault, what: &str) -> Result<(), Broken> {
    let (id, _) = subject.object(0);
    subject
        .play_with(
            vec![fault],
            |setup| setup.patience(SHORT),
            async |scene| {
                must_fail(&format!("a read answered with {what}"), scene.get(&id).await, &[Kind::OddAnswer])?;
                must_fail(
                    &format!("a list answered with {what}"),
                    scene.list(None).await,
                    &[Kind::OddAnswer],
                )?;
                Ok(())
            },
        )
        .await
}

pub(super) async fn malformed_body(subject: &Subject) -> Result<(), Broken> {
    for (what, body) in [
        ("a page", "<html><body>Welcome</body></html>"),
        ("nothing", ""),
        ("a text", "\"kit\""),
        ("null", "null"),
        ("a list of nothing", "[]"),
        ("a number", "42"),
        ("two documents", "{} {}"),
        ("no UTF-8", "{\"id\": \"\u{fffd}"),
    ] {
        let answer = Answer::new(200).body(body, "application/json");
        odd(subject, Fault::answer(Calls::Reads, answer), what).await?;
    }
    Ok(())
}

pub(super) async fn truncated_body(subject: &Subject) -> Result<(), Broken> {
    for share in [1, 2, 3] {
        let half = Fault::change(Calls::Reads, move |_, usual| {
            let length = usual.body.len() * share / 4;
            let body = usual.body[..length].to_vec();
            usual.body(body, "application/json")
        });
        odd(subject, half, &format!("{share}/4 of a body")).await?;
    }
    Ok(())
}

pub(super) async fn huge_body(subject: &Subject) -> Result<(), Broken> {
    /// More than the door reads.
    const HUGE: usize = (64 << 20) + 1;
    if subject.index > 0 {
        // Once says it for the door that all types share.
        return Ok(());
    }
    let (id, _) = subject.object(0);
    let huge = Answer::new(200).body(vec![b' '; HUGE], "application/json");
    subject
        .play_with(
            vec![Fault::answer(Calls::Reads, huge)],
            |setup| setup.patience(Duration::from_secs(20)),
            async |scene| {
                let error =
                    must_fail("a read answered with 64 MiB", scene.get(&id).await, &[Kind::OddAnswer])?;
                must(error.to_string().len() < 1000, || "the error quotes the answer".to_owned())
            },
        )
        .await
}

pub(super) async fn redirect(subject: &Subject) -> Result<(), Broken> {
    let (id, _) = subject.object(0);
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = format!("{}/elsewhere", subject.words.base());
        let away = move || Answer::new(status).header("Location", elsewhere.clone());
        let not_followed = |scene: &Scene<'_>| {
            let followed =
                scene.exchanges().iter().any(|exchange| exchange.request.path.ends_with("/elsewhere"));
            must(!followed, || format!("a {status} is followed"))
        };
        subject
            .play(vec![Fault::answer(Calls::Reads, away())], async |scene| {
                must_fail(
                    &format!("a read answered with {status}"),
                    scene.get(&id).await,
                    &[Kind::OddAnswer],
                )?;
                must_fail(
                    &format!("a list answered with {status}"),
                    scene.list(None).await,
                    &[Kind::OddAnswer],
                )?;
                not_followed(scene)
            })
            .await?;
        subject
            .play(vec![Fault::answer(Calls::Writes, away())], async |scene| {
                if let Some(outcome) = write(scene).await? {
                    must_fail(&format!("a change answered with {status}"), outcome, &[Kind::OddAnswer])?;
                }
                not_followed(scene)
            })
            .await?;
    }
    Ok(())
}

pub(super) async fn slow_answer(subject: &Subject) -> Result<(), Broken> {
    let (id, _) = subject.object(0);
    let slow = Fault::change(Calls::All, |_, usual| usual.after(SHORT * 5));
    subject
        .play_with(
            vec![slow],
            |setup| setup.patience(SHORT),
            async |scene| {
                let begun = Instant::now();
                let late = [Kind::Deadline, Kind::Unavailable];
                must_fail("a read of a target that does not answer", scene.get(&id).await, &late)?;
                must_fail("a list of a target that does not answer", scene.list(None).await, &late)?;
                let took = begun.elapsed();
                must(took < SHORT * 6, || {
                    format!("a client that waits {SHORT:?} for each is told after {took:?}")
                })
            },
        )
        .await
}

pub(super) async fn secrets(subject: &Subject) -> Result<(), Broken> {
    let How::Answers(forms) = &subject.staged.how else { return Ok(()) };
    let (id, _) = subject.object(0);
    for form in forms {
        let shown = String::from_utf8_lossy(&form.body).contains(TOKEN);
        let calls = vec![Fault::answer(Calls::All, form.clone())];
        subject
            .play(calls, async |scene| {
                must(shown, || "needs an answer that repeats connector_testkit::TOKEN".to_owned())?;
                let failed = |outcome: bool| must(outcome, || format!("{} is no failure", form.status));
                failed(scene.get(&id).await.is_err())?;
                failed(scene.list(None).await.is_err())?;
                match scene.noted(scene.gateway.check().await) {
                    Err(_) => Ok(()),
                    // What works only in part is a problem of the answer, which is read as an error is.
                    Ok(checked) => {
                        let told: Vec<&String> = checked.problems.iter().chain(&checked.notes).collect();
                        scene.keeps(format!("{told:?}"));
                        failed(!checked.problems.is_empty())
                    }
                }
            })
            .await?;
        subject
            .play(vec![Fault::answer(Calls::Writes, form.clone())], async |scene| {
                if subject.target().creator().is_some() {
                    let body = rows::body(subject, CREATED, scene).await?;
                    scene.create(body).await.ok();
                }
                write(scene).await.map(drop)
            })
            .await?;
    }
    Ok(())
}

pub(super) async fn check(subject: &Subject) -> Result<(), Broken> {
    subject
        .play(Vec::new(), async |scene| {
            let checked = must_work("a check", scene.noted(scene.gateway.check().await))?;
            must(checked.problems.is_empty(), || {
                format!("all is well with the stand-in, and the check says {:?}", checked.problems)
            })?;
            must(!scene.exchanges().is_empty(), || "a check asks nobody".to_owned())?;
            // A request that the target refuses changes nothing, and may prove a permission.
            let taken = scene.writes().into_iter().find(|write| write.answer.status < 400);
            must(taken.is_none(), || {
                let sent = taken
                    .iter()
                    .map(|Exchange { request, .. }| format!("{} {}", request.method, request.path));
                format!("a check sends {}, and the target takes it", sent.collect::<String>())
            })?;
            let carried = scene
                .exchanges()
                .iter()
                .all(|exchange| exchange.request.headers.iter().any(|(_, value)| value.contains(TOKEN)));
            must(carried, || "a check leaves the credential out, so that it proves nothing".to_owned())
        })
        .await
}
