//! Findings filled into runbooks.

mod commands;
mod hostile;
