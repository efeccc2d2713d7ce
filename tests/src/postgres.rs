//! A PostgreSQL server of the tests' own: started from the system's binaries, on a socket in a temporary directory, and
//! gone with the process that asked for it, however that ends.

use std::{
    io::{BufRead as _, BufReader},
    os::unix::{
        fs::{MetadataExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    time::Duration,
};

/// A running server.
#[derive(Debug)]
pub struct Postgres {
    binaries: PathBuf,
    directory: PathBuf,
    databases: AtomicU32,
    /// The shell around it, whose standard input closes when this process ends: then the server ends.
    _shell: Child,
}

/// A database of one test.
#[derive(Debug)]
pub struct PostgresDatabase {
    server: &'static Postgres,
    name: String,
}

/// The password of its only user. Tests look for it where it must not be.
pub const PASSWORD: &str = "hunter2-of-postgres";

/// Debian's `nobody`: the server refuses to run as root.
const NOBODY: u32 = 65534;

/// `$1` is where the binaries are, `$2` the directory, `$3` the file with the password.
const SCRIPT: &str = r#"
trap : INT TERM
"$1/initdb" --pgdata="$2/data" --username=host --pwfile="$3" --auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync >&2 &&
{
    "$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c max_connections=200 -F &
    read -r nothing
    kill -QUIT $!
    wait $!
}
cd /
rm -rf "$2"
"#;

impl Postgres {
    /// The server of this process, started by whoever asks first.
    ///
    /// # Panics
    /// Where PostgreSQL is not installed or does not start: a test that was asked for is never left out.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    fn start() -> Self {
        let binaries = binaries();
        let directory = tempfile::Builder::new().prefix("connector-host-postgres-").tempdir();
        let directory = directory.expect("a temporary directory").keep();
        let password = directory.join("password");
        std::fs::write(&password, PASSWORD).expect("the directory can be written");
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT, "sh"]).args([&binaries, &directory, &password]);
        shell.current_dir(&directory).env("LC_ALL", "C").stdin(Stdio::piped()).stderr(Stdio::piped());
        if std::fs::metadata(&directory).expect("it was made").uid() == 0 {
            for path in [&directory, &password] {
                chown(path, Some(NOBODY), Some(NOBODY)).expect("root may give it away");
            }
            shell.uid(NOBODY).gid(NOBODY);
        }
        let mut shell = shell.stdout(Stdio::null()).spawn().expect("sh can be started");
        let log = shell.stderr.take().expect("it was asked for");
        let (lines, log_lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(log).lines().map_while(Result::ok) {
                // Once the server is ready, nobody reads on; the pipe must not fill up.
                let _ = lines.send(line);
            }
        });
        let mut seen = String::new();
        loop {
            let line = log_lines.recv_timeout(Duration::from_mins(1));
            let line = line.unwrap_or_else(|_| panic!("PostgreSQL does not start:\n{seen}"));
            if line.contains("database system is ready to accept connections") {
                break;
            }
            seen.push_str(&line);
            seen.push('\n');
        }
        Self { binaries, directory, databases: AtomicU32::new(0), _shell: shell }
    }

    /// A new, empty database.
    pub fn database(&'static self) -> PostgresDatabase {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let database = PostgresDatabase { server: self, name };
        self.psql("postgres", &format!("CREATE DATABASE {}", database.name));
        database
    }

    fn psql(&self, database: &str, statement: &str) -> String {
        let mut psql = Command::new(self.binaries.join("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--username=host"])
            .args(["--set=ON_ERROR_STOP=1", "--dbname", database, "--command", statement])
            .arg("--host")
            .arg(&self.directory)
            .env("PGPASSWORD", PASSWORD);
        let output = psql.output().expect("psql is beside the server");
        assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("the database is UTF-8").trim_end().to_owned()
    }
}

impl PostgresDatabase {
    /// As `store.url` has it.
    pub fn url(&self) -> String {
        self.url_with_password(PASSWORD)
    }

    /// The same with any password.
    pub fn url_with_password(&self, password: &str) -> String {
        let socket = self.server.directory.display();
        format!("postgres:///{}?host={socket}&user=host&password={password}", self.name)
    }

    /// Runs a statement as a person would; what it answers, a line per row.
    pub fn psql(&self, statement: &str) -> String {
        self.server.psql(&self.name, statement)
    }
}

/// Where `initdb`, `postgres` and `psql` are.
fn binaries() -> PathBuf {
    let mut places = Vec::new();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
        places.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<_> = versions.map(|version| version.path()).collect();
    versions.sort_by_key(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse::<u32>().ok());
        std::cmp::Reverse(name)
    });
    places.extend(versions.into_iter().map(|version| version.join("bin")));
    places.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let complete =
        |place: &Path| ["initdb", "postgres", "psql"].iter().all(|name| place.join(name).is_file());
    places.iter().find(|place| complete(place)).cloned().unwrap_or_else(|| {
        panic!("initdb, postgres and psql are in none of {places:?}; install Debian's package postgresql")
    })
}
