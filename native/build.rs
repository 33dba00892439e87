//! Compiles `shim/shim.rs`, which `hms-native run` loads into the programs it starts, and gives it to the build as
//! `$OUT_DIR/shim.so`. An empty file where it cannot be had: then the helper says that it was built without.
use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=shim/shim.rs");
    println!("cargo::rerun-if-changed=build.rs");
    let variable = |name: &str| env::var(name).unwrap_or_default();
    let out = PathBuf::from(variable("OUT_DIR")).join("shim.so");
    let known = ["x86_64", "aarch64"].contains(&variable("CARGO_CFG_TARGET_ARCH").as_str());
    // Programs are linked to the system's libc, whichever this helper itself is linked to: dlsym(3) is found at run time.
    let target = format!("{}-unknown-linux-gnu", variable("CARGO_CFG_TARGET_ARCH"));
    let linux = variable("CARGO_CFG_TARGET_OS") == "linux";
    let made = linux && known && {
        let mut compile = Command::new(variable("RUSTC"));
        compile.args([
            "--edition",
            "2024",
            "--crate-type",
            "cdylib",
            "--crate-name",
            "hms_shim",
        ]);
        compile.args([
            "-C",
            "panic=abort",
            "-C",
            "opt-level=z",
            "-C",
            "strip=symbols",
        ]);
        compile.args(["-C", "link-arg=-nostartfiles", "--target", &target]);
        compile.arg("-o").arg(&out).arg("shim/shim.rs");
        compile.status().is_ok_and(|status| status.success())
    };
    if !made {
        if linux {
            println!(
                "cargo::warning=built without clock_skew and io_delay: shim/shim.rs did not compile"
            );
        }
        fs::write(&out, "").expect("OUT_DIR can be written");
    }
}
