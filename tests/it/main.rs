//! Tests of the program as a whole, and of the library on real pages.

mod builtin_catalogue;
mod mini;
mod plain_run;
mod real;
mod rendering;
mod site;
mod workspace;
