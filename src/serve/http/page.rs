//! The page, built into the program: no file to find, no build step, nothing from another site.

use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

/// Browsers ask each time, so that a new version of the daemon brings its page with it.
const FRESH: HeaderValue = HeaderValue::from_static("no-cache");

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// `GET /`.
pub(super) async fn index() -> Response {
    asset("text/html; charset=utf-8", include_str!("page/index.html"))
}

/// `GET /app.js`: what arrives, the verdict, the health.
pub(super) async fn app() -> Response {
    asset(JAVASCRIPT, include_str!("page/app.js"))
}

/// `GET /alerts.js`.
pub(super) async fn alerts() -> Response {
    asset(JAVASCRIPT, include_str!("page/alerts.js"))
}

/// `GET /alignment.js`: the score, the signs and their rules, what is at risk.
pub(super) async fn alignment() -> Response {
    asset(JAVASCRIPT, include_str!("page/alignment.js"))
}

/// `GET /sum.js`: how an alert comes about.
pub(super) async fn sum() -> Response {
    asset(JAVASCRIPT, include_str!("page/sum.js"))
}

/// `GET /funnel.js`.
pub(super) async fn funnel() -> Response {
    asset(JAVASCRIPT, include_str!("page/funnel.js"))
}

/// `GET /view.js`: words, numbers and small drawings.
pub(super) async fn view() -> Response {
    asset(JAVASCRIPT, include_str!("page/view.js"))
}

/// `GET /style.css`.
pub(super) async fn style() -> Response {
    asset("text/css; charset=utf-8", include_str!("page/style.css"))
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static(kind)), (CACHE_CONTROL, FRESH)], text).into_response()
}
