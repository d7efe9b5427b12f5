//! The HTTP server: page, metrics, probes, API. It reads the board and changes nothing.
//!
//! The listener and the end are given, so that a test runs the real server on port 0. There is no
//! authentication: it belongs on the loopback interface or behind a proxy that has one.

mod alignment;
mod api;
mod events;
pub mod health;
mod page;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::middleware::map_response;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use super::board::Board;
use super::metrics;
use health::Liveness;

/// The content type of plain text.
const TEXT: &str = "text/plain; charset=utf-8";
/// What a page from here may load and do: its own script, style and data, nothing else.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// Limits of the server.
#[derive(Clone, Copy, Debug)]
pub struct HttpLimits {
    /// Least time between two events to one reader.
    pub events_every: Duration,
    /// A comment is sent after so long without an event.
    pub keep_alive: Duration,
    /// Most readers that follow the events at a time.
    pub readers_max: usize,
    /// How long open requests may take once the server is to end.
    pub drain: Duration,
    /// Most series of the funnel and of alerts in `/metrics`.
    pub series_max: usize,
}

impl Default for HttpLimits {
    fn default() -> HttpLimits {
        HttpLimits {
            events_every: Duration::from_millis(500),
            keep_alive: Duration::from_secs(15),
            readers_max: 100,
            drain: Duration::from_secs(3),
            series_max: metrics::SERIES_MAX,
        }
    }
}

/// What is served.
#[derive(Clone, Debug)]
pub struct Served {
    board: Arc<Board>,
    liveness: Arc<Liveness>,
    limits: HttpLimits,
    seats: Arc<Semaphore>,
    closing: watch::Sender<()>,
}

impl Served {
    /// Serves this board.
    pub fn new(board: Arc<Board>, liveness: Arc<Liveness>, limits: HttpLimits) -> Served {
        let seats = Arc::new(Semaphore::new(limits.readers_max));
        Served { board, liveness, limits, seats, closing: watch::Sender::new(()) }
    }
}

/// Serves until `shutdown` completes; then finishes what is open, within [`HttpLimits::drain`].
///
/// # Errors
/// The listener fails for good.
pub async fn serve(
    listener: TcpListener,
    served: Served,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let closing = served.closing.clone();
    let mut closed = closing.subscribe();
    let drain = served.limits.drain;
    let ending = async move {
        shutdown.await;
        closing.send_replace(());
    };
    let serving = axum::serve(listener, router(served)).with_graceful_shutdown(ending);
    let patience = async move {
        // An error says that the sender is gone, which is the end as well.
        let _ = closed.changed().await;
        tokio::time::sleep(drain).await;
    };
    tokio::select! {
        ended = serving => ended,
        () = patience => Ok(()),
    }
}

fn router(served: Served) -> Router {
    Router::new()
        .route("/", get(page::index))
        .route("/app.js", get(page::app))
        .route("/alerts.js", get(page::alerts))
        .route("/alignment.js", get(page::alignment))
        .route("/sum.js", get(page::sum))
        .route("/funnel.js", get(page::funnel))
        .route("/view.js", get(page::view))
        .route("/style.css", get(page::style))
        .route("/metrics", get(exposition))
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .route("/api/v1/status", get(api::status))
        .route("/api/v1/alignment", get(alignment::alignment))
        .route("/api/v1/alerts", get(api::alerts))
        .route("/api/v1/alerts/{fingerprint}", get(api::alert))
        .route("/api/v1/funnel", get(api::funnel))
        .route("/api/v1/events", get(events::events))
        .fallback(not_found)
        .method_not_allowed_fallback(not_allowed)
        .layer(map_response(strict))
        .with_state(served)
}

/// `GET /metrics`.
async fn exposition(State(served): State<Served>) -> ([(HeaderName, &'static str); 1], String) {
    let text = metrics::text(&served.board, served.limits.series_max);
    ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], text)
}

async fn not_found(uri: Uri) -> Response {
    refused(&uri, StatusCode::NOT_FOUND, "there is nothing here; the page is at /, the API below /api/v1/")
}

async fn not_allowed(uri: Uri) -> Response {
    refused(&uri, StatusCode::METHOD_NOT_ALLOWED, "everything here is only to be read: use GET")
}

/// A refusal in the language of the caller: JSON below `/api`, text elsewhere.
fn refused(uri: &Uri, status: StatusCode, why: &str) -> Response {
    if uri.path() == "/api" || uri.path().starts_with("/api/") {
        return api::failed(status, why.to_owned());
    }
    (status, [(CONTENT_TYPE, TEXT)], format!("{why}\n")).into_response()
}

/// Headers of every answer.
async fn strict(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // What is live is never kept; the page and the events have said so themselves.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
