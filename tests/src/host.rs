//! The host as an operator runs it: a process, a configuration file, logs on stderr.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    sync::watch,
    task::JoinHandle,
    time::timeout,
};

use crate::{Client, PATIENCE};

/// A running `connector-host serve` in a directory of its own.
#[derive(Debug)]
pub struct Host {
    process: Process,
    /// Where it listens.
    pub address: SocketAddr,
}

/// One that was told to start and may not be ready yet.
#[derive(Debug)]
pub struct Process {
    binary: PathBuf,
    directory: tempfile::TempDir,
    child: Child,
    log: Log,
    reading: JoinHandle<()>,
}

/// One that does not run just now.
#[derive(Debug)]
pub struct Stopped {
    binary: PathBuf,
    directory: tempfile::TempDir,
}

/// How a process ended.
#[derive(Debug)]
pub struct Finished {
    /// Its exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Everything it logged.
    pub log: String,
    /// How long it took to end.
    pub took: Duration,
}

/// Lines so far, and a signal for each.
#[derive(Debug, Clone)]
struct Log {
    lines: Arc<Mutex<Vec<String>>>,
    count: watch::Sender<usize>,
}

impl Host {
    /// Writes `connector-host.toml`, starts the binary and waits until it says that it is ready. `[server]` is written
    /// here: `server` is more of its keys.
    pub async fn start(binary: &Path, server: &str, config: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let key = run(binary, directory.path(), &["key", "generate"]).await;
        let key = String::from_utf8(key.stdout).expect("a key is text");
        let config = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n{server}\n[store]\nencryption_key = \"{}\"\n{config}",
            key.trim()
        );
        Self::configured(binary, directory, &config).await
    }

    /// The same with a configuration that is given whole.
    pub async fn configured(binary: &Path, directory: tempfile::TempDir, config: &str) -> Self {
        let file = directory.path().join("connector-host.toml");
        std::fs::write(file, config).expect("the configuration can be written");
        Stopped { binary: binary.to_owned(), directory }.start(&[]).await
    }

    /// A second one with the same configuration, in a directory of its own.
    pub async fn twin(&self) -> Self {
        let file = self.directory().join("connector-host.toml");
        let config = std::fs::read_to_string(file).expect("the configuration can be read");
        let directory = tempfile::tempdir().expect("a temporary directory");
        Self::configured(&self.process.binary, directory, &config).await
    }

    /// Changes the configuration, which counts from the next start.
    pub fn reconfigure(&self, change: impl FnOnce(String) -> String) {
        let file = self.directory().join("connector-host.toml");
        let config = std::fs::read_to_string(&file).expect("the configuration can be read");
        std::fs::write(file, change(config)).expect("the configuration can be written");
    }

    /// Runs another command beside it, on the same configuration.
    pub async fn run(&self, arguments: &[&str]) -> Output {
        run(&self.process.binary, self.directory(), arguments).await
    }

    /// A new token of an instance, made as an operator makes it.
    pub async fn token(&self, instance: &str, name: &str) -> String {
        let output = self.run(&["token", "create", instance, "--name", name]).await;
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("a token is text").trim().to_owned()
    }

    /// A SCIM client of an instance.
    pub fn client(&self, instance: &str, token: &str) -> Client {
        Client { address: self.address, base: format!("/scim/{instance}/v2"), token: token.to_owned() }
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.process.log.text()
    }

    /// Waits for a log line, which may be there already.
    pub async fn logged(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        let found = timeout(PATIENCE, self.process.log.find(wanted)).await;
        found.unwrap_or_else(|_| panic!("not logged:\n{}", self.log()))
    }

    /// Sends the signal that asks a service to stop.
    pub async fn terminate(&self) {
        let id = self.process.child.id().expect("it runs");
        let sent = Command::new("kill").args(["-TERM", &id.to_string()]).status().await;
        assert!(sent.is_ok_and(|status| status.success()), "the signal can be sent");
    }

    /// Where its configuration, store and nothing else are.
    pub fn directory(&self) -> &Path {
        self.process.directory.path()
    }

    /// Waits for a line on stderr that is no log line, which may be there already.
    pub async fn printed(&self, line: &str) {
        let printed =
            self.process.log.wait(|lines| lines.iter().any(|printed| printed == line).then_some(()));
        let printed = timeout(PATIENCE, printed).await;
        printed.unwrap_or_else(|_| panic!("{line:?} is not printed:\n{}", self.log()));
    }

    /// Ends it by SIGKILL, in the middle of whatever it does, and starts it again on the same directory.
    pub async fn killed(self) -> Self {
        self.kill().await.start(&[]).await
    }

    /// Ends it by SIGKILL, in the middle of whatever it does.
    pub async fn kill(self) -> Stopped {
        self.process.kill().await
    }

    /// Ends it in order, and starts it again on the same directory.
    pub async fn restarted(self) -> Self {
        self.terminate().await;
        self.stopped().await.1.start(&[]).await
    }

    /// Waits for its end; its exit code, and what can be started again.
    pub async fn stopped(mut self) -> (Option<i32>, Stopped) {
        let (code, _) = self.process.ended().await;
        (code, Stopped { binary: self.process.binary, directory: self.process.directory })
    }

    /// Waits for its end.
    pub async fn finished(self) -> Finished {
        self.process.finished().await
    }
}

impl Process {
    fn start(binary: PathBuf, directory: tempfile::TempDir, environment: &[(&str, &str)]) -> Self {
        let mut child = command(&binary, directory.path())
            .arg("serve")
            // The most talkative logs: a secret in any of them is found.
            .env("CONNECTOR_HOST_LOG", "trace")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary can be started");
        let stderr = child.stderr.take().expect("stderr was asked for");
        let log = Log { lines: Arc::default(), count: watch::Sender::new(0) };
        let reading = tokio::spawn({
            let log = log.clone();
            async move {
                let mut lines = BufReader::new(stderr).lines();
                while let Ok(Some(line)) = lines.next_line().await {
                    log.add(line);
                }
            }
        });
        Self { binary, directory, child, log, reading }
    }

    /// Waits until it says that it is ready.
    pub async fn ready(self) -> Host {
        let ready = timeout(PATIENCE, self.log.find(|line| line["message"] == "ready")).await;
        let ready = ready.unwrap_or_else(|_| panic!("the host does not start:\n{}", self.log.text()));
        let address = ready["address"].as_str().and_then(|address| address.parse().ok());
        Host { process: self, address: address.expect("the host says where it listens") }
    }

    /// Ends it by SIGKILL, in the middle of whatever it does.
    pub async fn kill(mut self) -> Stopped {
        self.child.kill().await.expect("it runs, and can be killed");
        self.reading.await.expect("reading does not panic");
        Stopped { binary: self.binary, directory: self.directory }
    }

    /// Waits for the end of one that does not become ready.
    pub async fn finished(mut self) -> Finished {
        let (code, took) = self.ended().await;
        // The pipe closes with the process.
        self.reading.await.expect("reading does not panic");
        Finished { code, log: self.log.text(), took }
    }

    async fn ended(&mut self) -> (Option<i32>, Duration) {
        let started = std::time::Instant::now();
        let status = timeout(PATIENCE, self.child.wait()).await;
        let status = status.unwrap_or_else(|_| panic!("the host does not end:\n{}", self.log.text()));
        (status.expect("it ran").code(), started.elapsed())
    }
}

impl Stopped {
    /// Where its configuration, store and nothing else are.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// From now on this is what runs in its place: an update.
    pub fn with_binary(self, binary: PathBuf) -> Self {
        Self { binary, ..self }
    }

    /// Starts it again, with these variables in its environment, and waits until it is ready.
    pub async fn start(self, environment: &[(&str, &str)]) -> Host {
        self.begin(environment).ready().await
    }

    /// Starts it again.
    pub fn begin(self, environment: &[(&str, &str)]) -> Process {
        Process::start(self.binary, self.directory, environment)
    }
}

impl Log {
    fn add(&self, line: String) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line);
        self.count.send_replace(lines.len());
    }

    fn text(&self) -> String {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
    }

    async fn find(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        self.wait(|lines| {
            let mut lines = lines.iter().filter_map(|line| serde_json::from_str(line).ok());
            lines.find(&wanted)
        })
        .await
    }

    /// Shows each line once, in whatever groups they come.
    async fn wait<T>(&self, mut wanted: impl FnMut(&[String]) -> Option<T>) -> T {
        let mut count = self.count.subscribe();
        let mut seen = 0;
        loop {
            let lines: Vec<String> = {
                let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
                lines[seen..].to_vec()
            };
            seen += lines.len();
            if let Some(found) = wanted(&lines) {
                return found;
            }
            count.wait_for(|count| *count > seen).await.expect("the log outlives its readers");
        }
    }
}

/// Runs the binary in a directory to its end.
pub(crate) async fn run(binary: &Path, directory: &Path, arguments: &[&str]) -> Output {
    command(binary, directory).args(arguments).output().await.expect("the binary can be started")
}

/// The environment is the test's alone.
fn command(binary: &Path, directory: &Path) -> Command {
    let mut command = Command::new(binary);
    command.current_dir(directory).env_clear();
    command
}
