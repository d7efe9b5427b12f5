//! `/api/v1/events`: the status as server-sent events, whenever something has changed.
//!
//! At most two a second by default, and a comment now and then so that proxies keep the line open. Each
//! event is the status of that moment, not a difference: a reader that has missed some has missed nothing.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::WatchStream;

use super::{Served, api};

/// How long a reader waits before it comes back, in ms.
const RETRY_MS: u64 = 2000;

/// `GET /api/v1/events`.
pub(super) async fn events(State(served): State<Served>) -> Response {
    let Ok(seat) = served.seats.clone().try_acquire_owned() else {
        let error =
            format!("{} readers follow the events already; try again later", served.limits.readers_max);
        return api::failed(StatusCode::SERVICE_UNAVAILABLE, error);
    };
    let closing = WatchStream::from_changes(served.closing.subscribe()).map(|()| None);
    let (limits, board) = (served.limits, served.board);
    let versions = WatchStream::new(board.versions()).throttle(limits.events_every);
    let shots = versions.map(move |_| {
        // The seat is held for as long as the stream is.
        let _seat = &seat;
        let status = board.read(api::Status::of);
        let data = serde_json::to_string(&status).expect("a status has text keys");
        let retry = Duration::from_millis(RETRY_MS);
        Some(Event::default().event("status").id(status.version().to_string()).retry(retry).data(data))
    });
    // The end of the server ends the stream; otherwise a graceful shutdown would wait for its readers.
    let stream = shots.merge(closing).map_while(|shot| shot.map(Ok::<_, Infallible>));
    Sse::new(stream).keep_alive(KeepAlive::new().interval(limits.keep_alive)).into_response()
}
