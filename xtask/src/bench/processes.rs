//! The processes that are measured, as an operator would run them.

use std::{
    fs::{self, File},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::Result;

/// How long one may take to listen.
const START: Duration = Duration::from_secs(10);

/// A process that listens; killed when dropped.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    /// Where.
    pub(super) address: SocketAddr,
}

impl Process {
    /// Starts it, its output in `log`, and waits until it takes connections.
    pub(super) fn start(command: &mut Command, address: SocketAddr, log: &Path) -> Result<Self> {
        let failed = |error| format!("{}: {error}", log.display());
        let out = File::create(log).map_err(failed)?;
        command.stdin(Stdio::null()).stdout(out.try_clone().map_err(failed)?).stderr(out);
        let child =
            command.spawn().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
        let mut process = Self { child, address };
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            let ended = process.child.try_wait().map_err(failed)?;
            if ended.is_some() || started.elapsed() > START {
                let text = fs::read_to_string(log).unwrap_or_default();
                return Err(format!("{} does not listen:\n{text}", command.get_program().display()));
            }
            thread::yield_now();
        }
        Ok(process)
    }

    /// Its number.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Asked first: nginx takes its workers along.
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// A port that nobody listens on now.
pub(super) fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener.map_err(|error| format!("no free port: {error}"))
}

/// nginx as a plain reverse proxy, if it is installed.
pub(super) fn nginx(directory: &Path, target: &str) -> Result<Option<Process>> {
    let Some(binary) = nginx_binary() else { return Ok(None) };
    let address = free_address()?;
    let here = directory.display();
    let configuration = format!(
        "worker_processes auto;\ndaemon off;\npid {here}/nginx.pid;\nerror_log {here}/nginx-error.log;\n\
         events {{ worker_connections 1024; }}\nhttp {{\n  access_log {here}/nginx-access.log;\n  \
         client_body_temp_path {here}/nginx-body;\n  proxy_temp_path {here}/nginx-proxy;\n  fastcgi_temp_path \
         {here}/nginx-fastcgi;\n  uwsgi_temp_path {here}/nginx-uwsgi;\n  scgi_temp_path {here}/nginx-scgi;\n  \
         keepalive_requests 1000000;\n  upstream target {{ server {target}; keepalive 64; keepalive_requests 1000000; \
         }}\n  server {{\n    listen {address};\n    location / {{\n      proxy_pass http://target;\n      \
         proxy_http_version 1.1;\n      proxy_set_header Connection \"\";\n    }}\n  }}\n}}\n"
    );
    let file = directory.join("nginx.conf");
    fs::write(&file, configuration).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut command = Command::new(binary);
    command.arg("-p").arg(directory).arg("-c").arg(&file).arg("-e").arg(directory.join("nginx-error.log"));
    Process::start(&mut command, address, &directory.join("nginx.log")).map(Some)
}

/// It lives in `/usr/sbin`, which is not everybody's path.
fn nginx_binary() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into()])
        .map(|directory| directory.join("nginx"))
        .find(|binary| binary.is_file())
}

/// CPU time that a process and its children have used.
pub(super) fn cpu(id: u32) -> Duration {
    family(id)
        .iter()
        .filter_map(|id| {
            let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
            // The second field is a name in parentheses, which may hold blanks; user and system time are 14 and 15.
            let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
            let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
            // Linux tells this to programs in hundredths of a second, whatever it counts in.
            Some(Duration::from_millis(ticks * 10))
        })
        .sum()
}

/// Resident memory of a process and its children, in MB.
pub(super) fn memory(id: u32) -> f64 {
    let kilobytes = family(id).into_iter().filter_map(|id| {
        let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()
    });
    kilobytes.sum::<f64>() / 1024.0
}

/// A process and its children.
fn family(id: u32) -> Vec<u32> {
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    let children = children.split_whitespace().filter_map(|child| child.parse().ok());
    std::iter::once(id).chain(children).collect()
}
