//! A process that serves until it is told to stop, and says where in its first line of output.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::{Result, command::shown};

/// How long one may take to say where it serves: a first build is part of it for `cargo run`.
const START: Duration = Duration::from_mins(10);
/// How long one may take to end.
const END: Duration = Duration::from_secs(20);

/// A running service; killed when dropped.
pub(crate) struct Service {
    name: String,
    child: Child,
    /// Its first line.
    pub(crate) said: Value,
}

impl Service {
    /// Starts it and waits for its first line, a JSON object.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let name = shown(command);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("`{name}` cannot be started: {error}"))?;
        let stdout = child.stdout.take().expect("stdout was asked for");
        let mut service = Self { name, child, said: Value::Null };
        let (send, line) = mpsc::channel();
        thread::spawn(move || {
            let mut lines = BufReader::new(stdout).lines();
            let _ = send.send(lines.next());
            // The pipe stays open and is emptied, so that the process can go on writing.
            lines.for_each(drop);
        });
        match line.recv_timeout(START) {
            Ok(Some(Ok(line))) => {
                service.said = serde_json::from_str(&line)
                    .map_err(|error| format!("the first line of `{}` is not JSON: {error}", service.name))?;
                Ok(service)
            }
            Ok(_) => Err(format!("`{}` ended without a line", service.name)),
            Err(_) => Err(format!("`{}` said nothing for {} s", service.name, START.as_secs())),
        }
    }

    /// Text in its first line, by JSON pointer.
    pub(crate) fn text(&self, pointer: &str) -> Result<String> {
        let found = self.said.pointer(pointer).and_then(Value::as_str);
        found.map(str::to_owned).ok_or_else(|| format!("`{}` said nothing about {pointer}", self.name))
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends the signal of Ctrl-C, waits, and fails unless it ends with 0.
    pub(crate) fn interrupt(mut self) -> Result<()> {
        let sent = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        if !sent.is_ok_and(|status| status.success()) {
            return Err(format!("`{}` has ended by itself: {:?}", self.name, self.child.try_wait()));
        }
        match self.ended()? {
            status if status.success() => Ok(()),
            status => Err(format!("`{}` ended with {status} after Ctrl-C, not with 0", self.name)),
        }
    }

    /// Waits for its end, and makes one after a while.
    fn ended(&mut self) -> Result<ExitStatus> {
        let (done, ended) = mpsc::channel::<()>();
        let id = self.child.id().to_string();
        let watchdog = thread::spawn(move || {
            let late = ended.recv_timeout(END) == Err(mpsc::RecvTimeoutError::Timeout);
            late && Command::new("kill").args(["-KILL", &id]).status().is_ok()
        });
        let status = self.child.wait();
        drop(done);
        if watchdog.join().unwrap_or(false) {
            return Err(format!("`{}` does not end within {} s of Ctrl-C", self.name, END.as_secs()));
        }
        status.map_err(|error| format!("`{}`: {error}", self.name))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
