//! Writes the seeds of each target to `corpus/`, where `cargo fuzz` looks for them.

use std::fs;
use std::path::Path;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for target in ["read", "edit", "render", "scan"] {
        let folder = root.join(target);
        fs::create_dir_all(&folder).unwrap();
        for (number, seed) in rollstep_fuzz::seeds::of(target).iter().enumerate() {
            fs::write(folder.join(format!("seed-{number:04}")), seed).unwrap();
        }
    }
}
