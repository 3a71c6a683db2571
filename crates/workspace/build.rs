//! Rebuilds the crate when a template changes, which the embedding macro cannot ask for by itself.

fn main() {
    println!("cargo:rerun-if-changed=../../task-templates");
}
