//! A real Apache Kafka for tests: fetched once through Maven, one node in a directory of its own.
//!
//! The jars are kept under `target/kafka-libs-<version>/`. The broker dies with the test process however
//! that ends: it is the child of a shell that waits for the end of its standard input, which the test
//! process holds, and then kills it and removes its directory. Until then a word on that input kills it, as a
//! crash would, or starts it again on what it has written.

use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rapport::log::kafka::{Admin, KafkaSettings};

use super::Skip;

/// The Apache Kafka that is tested against.
pub(crate) const VERSION: &str = "4.4.0";

/// How long a broker may take to start.
const START: Duration = Duration::from_secs(60);
/// How often a start is tried: between finding a free port and taking it, another process may.
const STARTS: usize = 3;

/// A running broker; dropping it stops it.
pub(crate) struct KafkaBroker {
    /// Where it listens.
    pub(crate) bootstrap_servers: String,
    /// The port of a listener that asks who one is, if it was started with one.
    pub(crate) guarded_port: u16,
    libs: PathBuf,
    /// Closing it ends the broker.
    stdin: Mutex<Option<ChildStdin>>,
    /// What the broker says; read under a lock, since tests share a broker.
    lines: Mutex<Receiver<String>>,
    shell: Child,
}

impl KafkaBroker {
    /// Starts a broker, fetching Kafka first if it is not there yet.
    pub(crate) fn start() -> Result<KafkaBroker, Skip> {
        KafkaBroker::start_with(&|_| String::new())
    }

    /// Starts a broker with more properties, which may speak of a port that is free.
    pub(crate) fn start_with(more: &dyn Fn(Ports) -> String) -> Result<KafkaBroker, Skip> {
        let libs = libraries()?;
        let mut why = String::new();
        for _ in 0..STARTS {
            match start_once(&libs, more) {
                Ok(broker) => return Ok(broker),
                Err(e) => why = e,
            }
        }
        Err(Skip { why: format!("Apache Kafka did not start: {why}") })
    }

    /// Kills the broker, which has no time to say goodbye.
    pub(crate) fn kill(&self) {
        self.tell("kill");
        let lines = self.lines.lock().unwrap();
        while lines.recv_timeout(START).expect("the shell says that it is killed") != KILLED {}
    }

    /// Starts a killed broker again, on the same port and with what it has written.
    pub(crate) fn start_again(&self) {
        self.tell("start");
        wait_until_started(&self.lines.lock().unwrap()).unwrap();
        assert_answers(&self.bootstrap_servers).unwrap();
    }

    fn tell(&self, word: &str) {
        let mut stdin = self.stdin.lock().unwrap();
        writeln!(stdin.as_mut().expect("it is open while the broker is there"), "{word}").unwrap();
    }

    /// Runs one of Kafka's own tools to its end and gives what it prints.
    pub(crate) fn tool(&self, class: &str, args: &[&str]) -> Result<String, String> {
        let class_path = format!("{}/*", self.libs.display());
        let done = Command::new("java")
            .args(["-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-cp", &class_path, class])
            .args(args)
            .output()
            .map_err(|e| e.to_string())?;
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        match done.status.success() {
            true => Ok(said),
            false => Err(format!("{class}: {said}{}", String::from_utf8_lossy(&done.stderr))),
        }
    }
}

/// The ports of a broker.
#[derive(Clone, Copy)]
pub(crate) struct Ports {
    /// For everybody.
    pub(crate) open: u16,
    /// For who says who one is.
    pub(crate) guarded: u16,
    /// For brokers among themselves.
    pub(crate) controller: u16,
}

fn assert_answers(bootstrap_servers: &str) -> Result<(), String> {
    let settings = KafkaSettings::new(bootstrap_servers, "start", None);
    Admin::connect(&settings).and_then(|a| a.topics()).map_err(|e| e.to_string()).map(drop)
}

impl Drop for KafkaBroker {
    fn drop(&mut self) {
        drop(self.stdin.lock().unwrap().take());
        let _ = self.shell.wait();
    }
}

fn skip(what: &str, why: impl std::fmt::Display) -> Skip {
    Skip { why: format!("{what}: {why}") }
}

/// `target/`, next to the place that cargo gives integration tests for their files.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in target").to_path_buf()
}

/// The jars of Kafka, fetched if they are not there: by one test, while the others wait.
fn libraries() -> Result<PathBuf, Skip> {
    static FETCHING: Mutex<()> = Mutex::new(());
    let _one = FETCHING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let libs = target().join(format!("kafka-libs-{VERSION}"));
    if libs.is_dir() {
        return Ok(libs);
    }
    run(Command::new("java").arg("-version")).map_err(|e| skip("java is needed", e))?;
    let work = target().join(format!("kafka-fetch-{}", std::process::id()));
    fs::create_dir_all(&work).map_err(|e| skip("make a directory", e))?;
    fs::write(work.join("pom.xml"), pom()).map_err(|e| skip("write a pom", e))?;
    let fetched = run(Command::new("mvn")
        .current_dir(&work)
        .args(["-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime"])
        .arg("-DoutputDirectory=libs"))
    .map_err(|e| skip("fetch Apache Kafka with mvn", e));
    // Renamed when whole, so that a broken fetch is never taken for the jars.
    let kept = fetched.and_then(|()| match fs::rename(work.join("libs"), &libs) {
        Err(e) if !libs.is_dir() => Err(skip("keep the jars", e)),
        _ => Ok(()),
    });
    let _ = fs::remove_dir_all(&work);
    kept.map(|()| libs)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|e| e.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Err(format!("{}: {}", output.status, said.lines().take(5).collect::<Vec<_>>().join(" | ")))
}

fn pom() -> String {
    let dependency = |group: &str, artifact: &str, version: &str, rest: &str| {
        format!(
            "<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>\
             <version>{version}</version>{rest}</dependency>"
        )
    };
    let without_connect = "<exclusions><exclusion><groupId>org.apache.kafka</groupId>\
                           <artifactId>connect-runtime</artifactId></exclusion></exclusions>";
    let dependencies = [
        dependency("org.apache.kafka", "kafka_2.13", VERSION, ""),
        dependency("org.apache.kafka", "kafka-tools", VERSION, without_connect),
        dependency("org.apache.logging.log4j", "log4j-slf4j-impl", "2.25.5", ""),
    ];
    format!(
        "<project xmlns=\"http://maven.apache.org/POM/4.0.0\"><modelVersion>4.0.0</modelVersion>\
         <groupId>test</groupId><artifactId>broker</artifactId><version>1</version>\
         <packaging>pom</packaging><dependencies>{}</dependencies></project>\n",
        dependencies.concat()
    )
}

/// Ports that nobody listens on, below those that systems give to connections: a broker that comes back finds its own
/// still free.
fn free_ports() -> std::io::Result<Ports> {
    let mut bound: Vec<TcpListener> = Vec::new();
    for _ in 0..1_000 {
        let port = rand::random_range(20_000..32_000);
        bound.extend(TcpListener::bind(("127.0.0.1", port)));
        if let [a, b, c] = bound.as_slice() {
            let port = |bound: &TcpListener| bound.local_addr().map(|address| address.port());
            return Ok(Ports { open: port(a)?, guarded: port(b)?, controller: port(c)? });
        }
    }
    Err(std::io::Error::other("no port from 20000 to 31999 is free"))
}

fn properties(port: u16, controller: u16, data: &Path) -> String {
    format!(
        "process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={}
auto.create.topics.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
num.network.threads=1
num.io.threads=2
background.threads=2
log.cleaner.dedupe.buffer.size=4194304
controlled.shutdown.enable=false
broker.session.timeout.ms=1500
broker.heartbeat.interval.ms=300
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
",
        data.display()
    )
}

const LOGGING: &str = "rootLogger.level=WARN
rootLogger.appenderRef.console.ref=Console
appender.console.type=Console
appender.console.name=Console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%p %c{1}: %m%n
logger.raft.name=kafka.server.KafkaRaftServer
logger.raft.level=INFO
";

/// Runs the broker until standard input ends; `$1` is its directory, the rest is the command.
const SHELL: &str = "dir=$1; shift; \
                     start() { \"$@\" </dev/null & pid=$!; }; \
                     stop() { kill -9 $pid; wait $pid; }; \
                     start \"$@\"; \
                     while read -r word; do \
                       case $word in kill) stop; echo killed;; start) start \"$@\";; esac; \
                     done; \
                     stop; rm -rf \"$dir\"";
const KILLED: &str = "killed";

fn start_once(libs: &Path, more: &dyn Fn(Ports) -> String) -> Result<KafkaBroker, String> {
    let ports = free_ports().map_err(|e| e.to_string())?;
    let directory = std::env::temp_dir().join(format!("rapport-kafka-{}-{}", std::process::id(), ports.open));
    let started = start_in(&directory, libs, ports, &more(ports));
    if started.is_err() {
        let _ = fs::remove_dir_all(&directory);
    }
    started
}

fn start_in(directory: &Path, libs: &Path, ports: Ports, more: &str) -> Result<KafkaBroker, String> {
    let data = directory.join("data");
    fs::create_dir_all(&data).map_err(|e| e.to_string())?;
    let write = |name: &str, text: &str| fs::write(directory.join(name), text).map_err(|e| e.to_string());
    let Ports { open: port, controller, .. } = ports;
    write("server.properties", &(properties(port, controller, &data) + more))?;
    write("log4j2.properties", LOGGING)?;
    let class_path = format!("{}/*", libs.display());
    let java = |class: &str| {
        let mut args: Vec<String> = [
            "java",
            "-Xms64m",
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
        ]
        .map(String::from)
        .to_vec();
        args.push(format!("-Dlog4j2.configurationFile={}", directory.join("log4j2.properties").display()));
        args.extend(["-cp", &class_path, class].map(String::from));
        args
    };
    let format = java("kafka.tools.StorageTool");
    let config = directory.join("server.properties").display().to_string();
    run(Command::new(&format[0]).args(&format[1..]).args([
        "format",
        "-t",
        "AAAAAAAAAAAAAAAAAAAAAQ",
        "-c",
        &config,
    ]))?;

    let mut shell = Command::new("sh")
        .args(["-c", SHELL, "sh", &directory.display().to_string()])
        .args(java("kafka.Kafka"))
        .arg(&config)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| e.to_string())?;
    let lines = lines_of(shell.stdout.take().expect("piped above"));
    let broker = KafkaBroker {
        bootstrap_servers: format!("127.0.0.1:{port}"),
        guarded_port: ports.guarded,
        libs: libs.to_owned(),
        stdin: Mutex::new(shell.stdin.take()),
        lines: Mutex::new(lines),
        shell,
    };
    wait_until_started(&broker.lines.lock().unwrap())?;
    // The line comes when the broker serves; only metadata proves that it answers here.
    assert_answers(&broker.bootstrap_servers)?;
    Ok(broker)
}

/// The lines of the broker's log, read to their end so that it never waits for a reader.
fn lines_of(stdout: std::process::ChildStdout) -> Receiver<String> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    receive
}

fn wait_until_started(lines: &Receiver<String>) -> Result<(), String> {
    let mut last = Vec::new();
    loop {
        match lines.recv_timeout(START) {
            Ok(line) if line.contains("Kafka Server started") => return Ok(()),
            Ok(line) => last.push(line),
            Err(e) => return Err(format!("{e}; it said: {}", last.join(" | "))),
        }
    }
}
