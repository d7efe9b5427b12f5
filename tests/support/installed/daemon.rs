//! The program as a child process: commands that end, and the daemon with its log lines and its HTTP
//! server.
//!
//! A daemon dies with the test process however that ends: it is the child of a shell that kills it once
//! its standard input ends, which the test process holds. Waiting is waiting for a condition, a bounded
//! number of times, each as long as it takes the daemon to say something, or a moment.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::Value;

/// How often a condition is asked for before a test gives up.
const TRIES: usize = 1200;
/// How long to wait for a log line between two tries.
const MOMENT: Duration = Duration::from_millis(100);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(20);
/// How many of the last log lines are kept, and how many are shown when something does not come.
const LINES_KEPT: usize = 400;
const LINES_SHOWN: usize = 40;

/// Runs a command, says its process id, and ends as it ends; kills it once standard input ends.
const SHELL: &str = "exec 3<&0; \"$@\" </dev/null >/dev/null 3<&- & pid=$!; echo $pid; \
                     { cat <&3; kill -9 $pid; } >/dev/null 2>&1 & watch=$!; \
                     exec 3<&-; wait $pid; ended=$?; kill $watch; exit $ended";

/// What a command that has ended left behind.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) errors: String,
}

/// The program under test; another build of it may be named for measurements.
fn program() -> String {
    std::env::var("RAPPORT_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_rapport").to_owned())
}

/// Runs the program to its end.
pub(crate) fn rapport(args: &[&str]) -> Said {
    rapport_with(args, &[])
}

/// The same with these variables in its environment.
pub(crate) fn rapport_with(args: &[&str], environment: &[(&str, &str)]) -> Said {
    let done = Command::new(program()).args(args).envs(environment.iter().copied()).output().unwrap();
    Said {
        status: done.status.code(),
        out: String::from_utf8(done.stdout).unwrap(),
        errors: String::from_utf8(done.stderr).unwrap(),
    }
}

/// How a daemon is stopped.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stop {
    /// As an operator does it.
    Terminate,
    /// As a crash does it.
    Kill,
}

/// A running `rapport run`.
pub(crate) struct Daemon {
    address: SocketAddr,
    /// Closing it ends the daemon.
    stdin: Option<ChildStdin>,
    shell: Child,
    pid: String,
    lines: Receiver<String>,
    last: VecDeque<String>,
}

impl Daemon {
    /// Starts the daemon and waits until it serves HTTP.
    pub(crate) fn start(config: &Path) -> Daemon {
        let mut daemon = Daemon::spawn(config, &[]);
        daemon.wait_for_address();
        daemon
    }

    /// Starts the daemon with these variables in its environment.
    pub(crate) fn spawn(config: &Path, environment: &[(&str, &str)]) -> Daemon {
        let mut shell = Command::new("sh")
            .args(["-c", SHELL, "sh", &program(), "run", "--config"])
            .arg(config)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pid = String::new();
        BufReader::new(shell.stdout.take().unwrap()).read_line(&mut pid).unwrap();
        let errors = shell.stderr.take().unwrap();
        let (send, lines) = channel();
        std::thread::spawn(move || {
            // The receiver is gone once the test has seen enough; the lines are read to their end anyway.
            BufReader::new(errors).lines().map_while(Result::ok).for_each(|line| drop(send.send(line)));
        });
        Daemon {
            address: SocketAddr::from(([0, 0, 0, 0], 0)),
            stdin: shell.stdin.take(),
            shell,
            pid: pid.trim().to_owned(),
            lines,
            last: VecDeque::new(),
        }
    }

    /// Waits until it serves HTTP.
    pub(crate) fn wait_for_address(&mut self) {
        self.until("its address in the log", |daemon| (daemon.address.port() != 0).then_some(()));
    }

    /// Hears what it says for a moment; whether it still runs.
    pub(crate) fn listen(&mut self, moment: Duration) -> bool {
        match self.lines.recv_timeout(moment) {
            Ok(line) => self.keep(line),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return false,
        }
        while let Ok(line) = self.lines.try_recv() {
            self.keep(line);
        }
        true
    }

    /// The process id, for whoever looks at the process from outside.
    pub(crate) fn pid(&self) -> &str {
        &self.pid
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.pid]).status().unwrap();
        assert!(sent.success(), "{name} {}; {}", self.pid, self.said());
    }

    /// Waits for something to be there.
    pub(crate) fn until<T>(&mut self, what: &str, find: impl Fn(&Daemon) -> Option<T>) -> T {
        for _ in 0..TRIES {
            if let Some(found) = find(self) {
                return found;
            }
            assert!(self.listen(MOMENT), "the daemon ended before {what} came; {}", self.said());
        }
        panic!("{what} did not come; {}", self.said());
    }

    fn keep(&mut self, line: String) {
        if self.address.port() == 0 {
            let read = serde_json::from_str::<Value>(&line).ok();
            let address = read.and_then(|line| line["fields"]["address"].as_str()?.parse().ok());
            self.address = address.unwrap_or(self.address);
        }
        self.last.push_back(line);
        if self.last.len() > LINES_KEPT {
            self.last.pop_front();
        }
    }

    /// Whether one of its last log lines holds a text.
    pub(crate) fn has_said(&self, text: &str) -> bool {
        self.last.iter().any(|line| line.contains(text))
    }

    /// What it said last.
    pub(crate) fn said(&self) -> String {
        let shown = self.last.iter().skip(self.last.len().saturating_sub(LINES_SHOWN));
        format!("it said last:\n{}", shown.map(String::as_str).collect::<Vec<_>>().join("\n"))
    }

    /// Asks the HTTP server; status and body, or nothing if there is no answer.
    pub(crate) fn get(&self, path: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        // A process that stands still never answers.
        stream.set_read_timeout(Some(ANSWER)).ok()?;
        let host = self.address;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        assert!(!head.to_lowercase().contains("transfer-encoding"), "{path}: the body comes in one piece");
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, body.to_owned()))
    }

    /// The text that Prometheus would get.
    pub(crate) fn metrics(&self) -> Option<String> {
        self.get("/metrics").filter(|(status, _)| *status == 200).map(|(_, body)| body)
    }

    /// What it says of itself at `/api/v1/status`.
    pub(crate) fn status(&self) -> Option<Value> {
        let (status, body) = self.get("/api/v1/status")?;
        (status == 200).then(|| serde_json::from_str(&body).unwrap())
    }

    /// Asks it to apply the definitions of its file.
    pub(crate) fn hang_up(&self) {
        assert!(Command::new("kill").args(["-HUP", &self.pid]).status().unwrap().success());
    }

    /// Stops it and gives its exit status.
    pub(crate) fn stop(mut self, how: Stop) -> Option<i32> {
        match how {
            Stop::Terminate => {
                // Before it listens to signals it ends as any program does.
                self.wait_for_address();
                self.signal("-TERM");
            }
            Stop::Kill => self.signal("-KILL"),
        }
        self.hear_to_the_end(&format!("{how:?} does not end it"));
        let status = self.shell.wait().unwrap().code();
        if matches!(how, Stop::Terminate) {
            assert_eq!(status, Some(0), "{}", self.said());
        }
        status
    }

    /// Waits until it has ended by itself; gives its exit status and its last line.
    pub(crate) fn ended(mut self) -> (Option<i32>, String) {
        self.hear_to_the_end("it does not end by itself");
        let last = self.last.back().cloned().unwrap_or_default();
        (self.shell.wait().unwrap().code(), last)
    }

    fn hear_to_the_end(&mut self, what: &str) {
        loop {
            match self.lines.recv_timeout(MOMENT * TRIES as u32) {
                Ok(line) => self.keep(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("{what}; {}", self.said()),
            }
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.shell.wait();
    }
}
