//! Routing objects, one file per kind.

mod virtual_service;

pub(super) use virtual_service::render;
