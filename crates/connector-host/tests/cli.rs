//! The real binary: exit codes, what goes to stdout and what to stderr.

#![expect(clippy::unwrap_used, reason = "a failing helper is a failing test")]

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

fn host(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_connector-host"));
    command.current_dir(directory).args(arguments).env_clear();
    command
}

/// Exit code, stdout and stderr.
fn run(directory: &Path, arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = host(directory, arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().expect("not killed"), text(stdout), text(stderr))
}

const CONFIG: &str = r#"
[server]
listen = "127.0.0.1:0"
[instances.acme]
connector = "slack"
target_url = "https://api.slack.com/scim/v1/"
access_token = { env = "SLACK_TOKEN" }
"#;

fn configured(text: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("connector-host.toml"), text).unwrap();
    directory
}

#[test]
fn key_generate_prints_the_key_alone_and_a_new_one_each_time() {
    let directory = tempfile::tempdir().unwrap();
    let (code, first, stderr) = run(directory.path(), &["key", "generate"]);
    assert_eq!((code, stderr.as_str(), first.lines().count(), first.trim().len()), (0, "", 1, 44));
    assert!(connector_host::config::Key32::parse(first.trim()).is_some());
    assert_ne!(first, run(directory.path(), &["key", "generate"]).1);
}

#[test]
fn connectors_lists_what_is_built_in_without_configuration() {
    let directory = tempfile::tempdir().unwrap();
    let (code, stdout, stderr) = run(directory.path(), &["connectors"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(
        stdout.lines().any(|line| line.split_whitespace().take(3).eq(["slack@1", "1.0", "Slack"])),
        "{stdout}"
    );
}

#[test]
fn mapping_prints_the_tables_without_configuration() {
    let directory = tempfile::tempdir().unwrap();
    let (code, markdown, _) = run(directory.path(), &["mapping", "slack"]);
    assert_eq!(code, 0);
    assert!(markdown.contains("## User (`/Users`)") && markdown.contains("| userName "), "{markdown}");
    let (_, json, _) = run(directory.path(), &["mapping", "slack@1", "--format", "json"]);
    let rows: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(&json).unwrap();
    let keys: Vec<_> = rows[0].keys().map(String::as_str).collect();
    assert_eq!(keys, ["resource", "scim", "target", "direction", "transform", "required", "note"]);
}

#[test]
fn check_prints_a_line_per_problem_and_exits_2() {
    let directory = configured(CONFIG);
    let (code, stdout, stderr) = run(directory.path(), &["check"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    let line = "connector-host.toml: instances.acme.access_token: the environment variable SLACK_TOKEN is not set; set it \
                where the host is started\n";
    assert_eq!(stderr, line);
    let output = host(directory.path(), &["check"]).env("SLACK_TOKEN", "0123").output().unwrap();
    assert_eq!((output.status.code(), output.stdout, output.stderr), (Some(0), vec![], vec![]));
}

#[test]
fn check_online_asks_each_target_and_exits_1_when_one_refuses() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let start = connector_sandbox::slack::start(
        "127.0.0.1:0".parse().unwrap(),
        connector_sandbox::slack::Options::default(),
    );
    let slack = runtime.block_on(start).unwrap();
    let with_token = |token: &str| {
        configured(&format!(
            "[outbound]\nallow_networks = [\"127.0.0.0/8\"]\n[instances.acme]\nconnector = \"slack\"\n\
             target_url = \"{}\"\naccess_token = \"{token}\"",
            slack.scim_url()
        ))
    };
    let good = with_token(slack.token());
    let answer = (0, "acme: the target answers\n".to_owned(), String::new());
    assert_eq!(run(good.path(), &["check", "--online"]), answer);
    let refused = with_token("xoxp-nobody");
    assert_eq!(run(refused.path(), &["check"]), (0, String::new(), String::new()));
    let (code, stdout, stderr) = run(refused.path(), &["check", "--online"]);
    assert_eq!((code, stdout.as_str(), stderr.lines().count()), (1, "", 1), "{stderr}");
    assert!(stderr.starts_with("acme: ") && !stderr.contains("xoxp-nobody"), "{stderr}");
    runtime.block_on(slack.shutdown());
    let (code, _, stderr) = run(good.path(), &["check", "--online"]);
    assert_eq!((code, stderr.lines().count()), (1, 1), "a target that is gone: {stderr}");
}

#[test]
fn config_is_named_before_or_after_the_arguments() {
    let directory = configured("");
    std::fs::rename(directory.path().join("connector-host.toml"), directory.path().join("other.toml"))
        .unwrap();
    for arguments in [["--config", "other.toml", "check"], ["check", "--config", "other.toml"]] {
        assert_eq!(run(directory.path(), &arguments), (0, String::new(), String::new()));
    }
    let (code, _, stderr) =
        run(directory.path(), &["token", "create", "acme", "--name", "a", "--config", "other.toml"]);
    assert_eq!((code, stderr.as_str()), (2, "no instance \"acme\" is configured; there is none\n"));
    let (code, _, stderr) = run(directory.path(), &["check"]);
    assert_eq!(code, 2);
    assert!(stderr.starts_with("connector-host.toml: cannot be read (No such file"), "{stderr}");
}

#[test]
fn tokens_are_made_listed_and_revoked_by_a_shell_that_holds_no_secret() {
    let directory = configured(CONFIG);
    let (code, token, stderr) = run(directory.path(), &["token", "create", "acme", "--name", "Entra ID"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(token.starts_with("chs_") && token.lines().count() == 1, "{token}");

    let (code, _, stderr) = run(directory.path(), &["token", "create", "acme", "--name", "Entra ID"]);
    assert_eq!(code, 1);
    assert!(stderr.starts_with("a token of this name exists"), "{stderr}");
    let (code, _, stderr) = run(directory.path(), &["token", "create", "acne", "--name", "x"]);
    assert_eq!((code, stderr.as_str()), (2, "no instance \"acne\" is configured; did you mean `acme`?\n"));

    let (code, listed, _) = run(directory.path(), &["token", "list"]);
    assert_eq!(code, 0);
    assert!(listed.contains("acme      Entra ID  2") && !listed.contains(token.trim()), "{listed}");
    let (_, json, _) = run(directory.path(), &["token", "list", "acme", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json[0]["name"], &json[0]["last_used_at"]), (&"Entra ID".into(), &serde_json::Value::Null));

    assert_eq!(run(directory.path(), &["token", "revoke", "acme", "--name", "Entra ID"]).0, 0);
    assert_eq!(run(directory.path(), &["token", "revoke", "acme", "--name", "Entra ID"]).0, 1);
    assert_eq!(run(directory.path(), &["token", "list", "--json"]).1, "[]\n");
}

#[test]
fn clients_are_made_listed_and_revoked_by_a_shell_that_holds_no_secret() {
    let key = "encryption_key = { env = \"NOT_IN_THIS_SHELL\" }";
    let config = CONFIG.replace("[server]", "[server]\npublic_url = \"https://scim.example/gw/\"");
    let directory = configured(&format!("[store]\n{key}\n{config}"));
    let (code, made, stderr) = run(directory.path(), &["client", "create", "acme", "--name", "Entra ID"]);
    assert_eq!((code, stderr.as_str(), made.lines().count()), (0, "", 1));
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    let members: Vec<_> = made.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["client_id", "client_secret", "token_url"]);
    assert_eq!(made["token_url"], "https://scim.example/gw/oauth/token");
    for name in ["client_id", "client_secret"] {
        let text = made[name].as_str().unwrap();
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')), "{text}");
    }
    let (code, _, stderr) = run(directory.path(), &["client", "create", "acme", "--name", "Entra ID"]);
    assert_eq!(code, 1);
    assert!(
        stderr.starts_with("a client of this name exists") && stderr.contains("client revoke"),
        "{stderr}"
    );
    assert_eq!(run(directory.path(), &["client", "create", "acne", "--name", "x"]).0, 2);

    let (code, listed, _) = run(directory.path(), &["client", "list"]);
    let id = made["client_id"].as_str().unwrap();
    assert_eq!(code, 0);
    assert!(listed.contains(&format!("acme      Entra ID  {id}  2")), "{listed}");
    assert!(!listed.contains(made["client_secret"].as_str().unwrap()), "{listed}");
    let (_, json, _) = run(directory.path(), &["client", "list", "acme", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json[0]["client_id"], &json[0]["last_used_at"]),
        (&made["client_id"], &serde_json::Value::Null)
    );

    assert_eq!(run(directory.path(), &["client", "revoke", "acme", "--name", "Entra ID"]).0, 0);
    assert_eq!(run(directory.path(), &["client", "revoke", "acme", "--name", "Entra ID"]).0, 1);
    assert_eq!(run(directory.path(), &["client", "list", "--json"]).1, "[]\n");
}

#[test]
fn a_client_needs_the_key_that_seals_its_access_tokens() {
    let directory = configured(CONFIG);
    let (code, stdout, stderr) = run(directory.path(), &["client", "create", "acme", "--name", "x"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.starts_with("store.encryption_key is missing") && stderr.lines().count() == 1, "{stderr}");
    assert_eq!(run(directory.path(), &["client", "list", "--json"]).1, "[]\n", "nothing was made");
}

#[test]
fn mistakes_elsewhere_do_not_keep_anybody_from_revoking() {
    let directory = configured(CONFIG);
    assert_eq!(run(directory.path(), &["token", "create", "acme", "--name", "x"]).0, 0);
    let file = directory.path().join("connector-host.toml");
    std::fs::write(&file, CONFIG.replace("[server]", "[server]\nregoin = \"us\"")).unwrap();
    assert_eq!(run(directory.path(), &["check"]).0, 2);
    assert_eq!(run(directory.path(), &["token", "revoke", "acme", "--name", "x"]).0, 0);
}

#[test]
fn wrong_usage_is_told_from_failure() {
    let directory = configured("");
    for arguments in
        [&["preview", "acme", "POST", "/Users", "--body", "user.json"][..], &["upgrade-preview", "nobody"]]
    {
        let (code, stdout, stderr) = run(directory.path(), arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
    }
    assert_eq!(run(directory.path(), &["serv"]).0, 2);
    assert_eq!(run(directory.path(), &[]).0, 2);
    assert_eq!(run(directory.path(), &["mapping", "nope"]).0, 2);
}

#[test]
fn a_wrong_encryption_key_stops_the_start_as_wrong_configuration() {
    let directory = configured("");
    let start = |key: &str| {
        let mut serve = host(directory.path(), &["serve", "--listen", "127.0.0.1:0"]);
        serve.env("CONNECTOR_HOST_STORE__ENCRYPTION_KEY", key).stderr(Stdio::piped()).spawn().unwrap()
    };
    let (_, key, _) = run(directory.path(), &["key", "generate"]);
    let (first, mut log) = ready(start(key.trim()));
    signal(&first, "TERM");
    assert_eq!(ended(first), Some(0), "{}", rest(&mut log));
    let (_, other, _) = run(directory.path(), &["key", "generate"]);
    let output = start(other.trim()).wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("store.encryption_key does not open this store"), "{stderr}");
}

#[test]
fn serve_logs_json_answers_and_ends_with_0_on_sigterm_and_on_sigint() {
    let directory = configured(CONFIG);
    for name in ["TERM", "INT"] {
        let serve = host(directory.path(), &["serve"])
            .env("SLACK_TOKEN", "t")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (child, mut log) = ready(serve);
        let address = child.address.clone();
        let answer = get(&address, "/readyz?secret=hunter2");
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(
            answer.contains(r#""instances":[{"name":"acme","connector":"slack","state":"ready"}]"#),
            "{answer}"
        );
        // A connection that idles does not hold the end up.
        let _idle = TcpStream::connect(&address).unwrap();
        signal(&child, name);
        let code = ended(child);
        let log = rest(&mut log);
        assert_eq!(code, Some(0), "{log}");
        let line = log.lines().find(|line| line.contains("/readyz")).expect("a line per request");
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(
            (&line["method"], &line["path"], &line["status"]),
            (&"GET".into(), &"/readyz".into(), &200.into())
        );
        for field in ["request_id", "instance", "total_ms", "target_ms", "own_ms"] {
            assert!(!line[field].is_null(), "{field}: {line}");
        }
        assert!(!log.contains("hunter2"), "queries hold personal data");
    }
}

#[test]
fn sigterm_lets_a_running_request_finish() {
    // A target that holds its answer until the host is told to stop.
    let target = TcpListener::bind("127.0.0.1:0").unwrap();
    let directory = configured(&format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n[outbound]\nallow_networks = [\"127.0.0.1\"]\n[instances.acme]\n\
         connector = \"slack\"\ntarget_url = \"http://{}/\"\naccess_token = \"t\"",
        target.local_addr().unwrap()
    ));
    let token = run(directory.path(), &["token", "create", "acme", "--name", "t"]).1;
    let (served, mut log) = ready(host(directory.path(), &["serve"]).stderr(Stdio::piped()).spawn().unwrap());
    let address = served.address.clone();
    let client = std::thread::spawn({
        let (address, head) = (address.clone(), format!("authorization: Bearer {}\r\n", token.trim()));
        move || ask(&address, "/scim/acme/v2/Users/W1", &head)
    });
    let (mut asked, _) = target.accept().unwrap();
    assert_ne!(asked.read(&mut [0; 4096]).unwrap(), 0, "the request has reached the target");

    signal(&served, "TERM");
    let begun = Instant::now();
    // A connection that is new at that very moment may be closed before it asks.
    while !ask(&address, "/readyz", "").is_ok_and(|answer| answer.starts_with("HTTP/1.1 503 ")) {
        assert!(begun.elapsed() < Duration::from_secs(5), "it does not drain");
    }
    let body = r#"{"Errors":{"description":"user_not_found","code":404}}"#;
    write!(asked, "HTTP/1.1 404 Not Found\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
    let answer = client.join().unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 404 ") && answer.contains("scim:api:messages"), "{answer}");
    assert_eq!(ended(served), Some(0), "{}", rest(&mut log));
    assert!(TcpStream::connect(&address).is_err(), "nobody listens any more");
    let listed: serde_json::Value =
        serde_json::from_str(&run(directory.path(), &["token", "list", "--json"]).1).unwrap();
    assert!(listed[0]["last_used_at"].is_string(), "{listed}");
}

#[test]
fn demo_needs_nothing_and_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let mut demo = host(directory.path(), &["demo", "--listen", "127.0.0.1:0", "--json"])
        .env("TMPDIR", directory.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(demo.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let shown: serde_json::Value = serde_json::from_str(&line).unwrap();
    let (instances, targets) = (shown["instances"].as_array().unwrap(), shown["targets"].as_array().unwrap());
    let names = |list: &[serde_json::Value]| list.iter().map(|one| one["name"].clone()).collect::<Vec<_>>();
    let all = ["activecampaign", "slack", "webex", "workplace"];
    assert_eq!(
        (names(instances), names(targets)),
        (all.map(Into::into).to_vec(), all.map(Into::into).to_vec())
    );
    for (instance, target) in instances.iter().zip(targets) {
        assert!(instance["token"].as_str().unwrap().starts_with("chs_"));
        let suffix = format!("/scim/{}/v2", instance["name"].as_str().unwrap());
        let url = instance["scim_url"].as_str().unwrap();
        let address = url.strip_prefix("http://").unwrap().strip_suffix(&suffix).unwrap();
        assert!(get(address, "/readyz").starts_with("HTTP/1.1 200 "));
        let target = target["url"].as_str().unwrap().strip_prefix("http://").unwrap();
        assert!(get(target, "/_sandbox/requests").starts_with("HTTP/1.1 200 "));
    }
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    kill(demo.id(), "INT");
    assert_eq!(demo.wait().unwrap().code(), Some(0));
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "something is left behind");
}

/// A started service, killed when the test ends early.
struct Served {
    child: Child,
    address: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

type Log = BufReader<std::process::ChildStderr>;

/// Waits for the line that says where the service listens.
fn ready(mut child: Child) -> (Served, Log) {
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut served = Served { child, address: String::new() };
    let mut seen = String::new();
    loop {
        let mut line = String::new();
        assert_ne!(log.read_line(&mut line).unwrap(), 0, "it ended early: {seen}");
        if let Ok(event) = serde_json::from_str::<serde_json::Value>(&line)
            && event["message"] == "ready"
        {
            event["address"].as_str().unwrap().clone_into(&mut served.address);
            return (served, log);
        }
        seen.push_str(&line);
    }
}

fn rest(log: &mut Log) -> String {
    let mut text = String::new();
    log.read_to_string(&mut text).unwrap();
    text
}

fn signal(served: &Served, name: &str) {
    kill(served.child.id(), name);
}

fn kill(id: u32, name: &str) {
    assert!(Command::new("kill").args(["-s", name, &id.to_string()]).status().unwrap().success());
}

fn ended(mut served: Served) -> Option<i32> {
    let begun = Instant::now();
    let code = served.child.wait().unwrap().code();
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    code
}

fn get(address: &str, path: &str) -> String {
    ask(address, path, "").unwrap()
}

fn ask(address: &str, path: &str, head: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\n{head}connection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
