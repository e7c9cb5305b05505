//! Tests of the program as a whole, and of the library on real pages.

mod builtin_catalogue;
mod real;
mod rendering;
mod workspace;
