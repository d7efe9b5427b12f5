//! Asks a daemon for an explanation.

use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, Uri, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::super::{Failure, failed, request};
use super::Explained;

/// Longer nobody waits.
const PATIENCE: Duration = Duration::from_secs(10);
/// A longer answer is none of ours.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// What the daemon knows of the alert whose fingerprint begins with these digits.
pub(super) fn ask(url: &str, digits: &str, fired: bool) -> Result<Explained, Failure> {
    let is_one = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
    if !is_one {
        return Err(request(anyhow!("{digits:?} is no fingerprint: it is made of 16 hexadecimal digits")));
    }
    let base: Uri = url.parse().with_context(|| format!("--url {url}")).map_err(request)?;
    if base.scheme_str() != Some("http") || base.host().is_none() {
        let right = "write http://HOST:PORT; TLS belongs to a proxy before it, ask the daemon itself";
        return Err(request(anyhow!("--url {url} is no plain HTTP address: {right}")));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    // The timer belongs to the runtime: it has to be made inside.
    let asked = runtime.block_on(async { tokio::time::timeout(PATIENCE, get(&base, digits, fired)).await });
    let answer = asked.map_err(|_| failed(anyhow!("{url} has not answered in {} s", PATIENCE.as_secs())))?;
    answer.with_context(|| format!("asking {url}")).map_err(failed)
}

async fn get(base: &Uri, digits: &str, fired: bool) -> anyhow::Result<Explained> {
    let host = base.host().unwrap_or_default();
    let port = base.port_u16().unwrap_or(80);
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await.context(
        "is the daemon running, and is this where it serves its page (http.listen)? --folder reads a replay's",
    )?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let driven = tokio::spawn(connection);
    let query = if fired { "?fired=true" } else { "" };
    let path = format!("{}/api/v1/alerts/{digits}{query}", base.path().trim_end_matches('/'));
    let asked = Request::get(path).header(header::HOST, format!("{host}:{port}")).body(Body::empty())?;
    let answer = sender.send_request(asked).await?;
    let status = answer.status();
    let bytes = to_bytes(Body::new(answer.into_body()), BYTES_MAX).await?;
    driven.abort();
    if status != StatusCode::OK {
        let said: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
        bail!("{}: {}", status, said["error"].as_str().unwrap_or("it gave no reason"));
    }
    serde_json::from_slice(&bytes).context("its answer is of another version of rapport")
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::TcpListener;

    use super::*;

    /// What is said of an answer, and the first line of the question.
    fn asked(fired: bool, status: &'static str, body: &'static str) -> (String, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answering = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
            let first = lines.next().unwrap();
            lines.find(String::is_empty).unwrap();
            let length = body.len();
            write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
            first
        });
        let said = match ask(&url, "ab12", fired) {
            Ok(explained) => explained.alert.fingerprint.to_string(),
            Err(failure) => format!("{failure:?}"),
        };
        (said, answering.join().unwrap())
    }

    #[test]
    fn a_daemon_is_asked_and_its_refusal_is_passed_on() {
        let (said, question) = asked(false, "404 Not Found", r#"{"error": "no alert that is known here"}"#);
        assert_eq!(question, "GET /api/v1/alerts/ab12 HTTP/1.1");
        assert!(said.contains("no alert that is known here"), "{said}");
        let (said, question) = asked(true, "200 OK", "{}");
        assert_eq!(question, "GET /api/v1/alerts/ab12?fired=true HTTP/1.1");
        assert!(said.contains("of another version"), "{said}");
    }

    #[test]
    fn what_is_no_fingerprint_or_no_address_is_not_asked() {
        for (url, digits, why) in [
            ("http://127.0.0.1:1", "../status", "no fingerprint"),
            ("https://127.0.0.1:1", "ab12", "no plain HTTP"),
            ("http://127.0.0.1:1", "ab12", "is the daemon running"),
        ] {
            let said = format!("{:?}", ask(url, digits, false).map_err(|failure| format!("{failure:?}")));
            assert!(said.contains(why), "{said}");
        }
    }
}
