//! Sign 4, sales makes its own content: `sales_authored_share`, `dead_library`.

pub mod dead_library;
pub mod sales_authored_share;

pub use dead_library::DEAD_LIBRARY;
pub use sales_authored_share::SALES_AUTHORED_SHARE;
