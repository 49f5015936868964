//! Landlock, seccomp and resource limits.
//!
//! Landlock takes paths and TCP away; seccomp allows a short list of calls and answers all others with `EPERM`, which
//! closes what Landlock leaves open (UDP, unix sockets, `io_uring`, `memfd_create`, `chmod`, signals to others).

use std::collections::BTreeMap;
use std::fs;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _,
    RulesetCreatedAttr as _, RulesetStatus, Scope,
};
use rustix::process::{Resource, Rlimit, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter_all_threads,
};

use super::Unconfined;

/// Descriptors the process may have open at once.
const DESCRIPTORS: u64 = 16;

fn refused(what: &'static str) -> impl Fn(&dyn std::fmt::Display) -> Unconfined {
    move |why| Unconfined { what, why: why.to_string() }
}

pub(super) fn begin(memory: u64) -> Result<(), Unconfined> {
    limit(memory).map_err(|error| refused("its memory cannot be bounded")(&error))?;
    close_inherited().map_err(|error| refused("descriptors it inherited cannot be closed")(&error))?;
    forbid_paths()
}

fn limit(memory: u64) -> std::io::Result<()> {
    let status = fs::read_to_string("/proc/self/status")?;
    let mapped = status.lines().find_map(|line| line.strip_prefix("VmSize:")?.trim().strip_suffix("kB"));
    let mapped = mapped.and_then(|size| size.trim().parse::<u64>().ok()).unwrap_or(0).saturating_mul(1 << 10);
    let fixed = |limit| Rlimit { current: Some(limit), maximum: Some(limit) };
    setrlimit(Resource::As, fixed(mapped.saturating_add(memory)))?;
    // A core file would be written with author data in it.
    setrlimit(Resource::Core, fixed(0))?;
    Ok(setrlimit(Resource::Nofile, fixed(DESCRIPTORS))?)
}

#[expect(unsafe_code, reason = "only the system can close descriptors that nobody here has a handle of")]
fn close_inherited() -> std::io::Result<()> {
    // SAFETY: nothing in this process owns a descriptor above the first three yet, so none can be closed under its owner.
    let closed = unsafe { libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, 0_u32) };
    if closed == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

fn forbid_paths() -> Result<(), Unconfined> {
    let ruleset = || {
        // What the first version knows must be enforced; what later ones add is taken where it is there.
        let files = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
        let files = files.handle_access(AccessFs::from_all(ABI::V1))?;
        let more = files.set_compatibility(CompatLevel::BestEffort);
        let more = more.handle_access(AccessFs::from_all(ABI::V5))?.handle_access(AccessNet::from_all(ABI::V4))?;
        more.scope(Scope::from_all(ABI::V6))?.create()?.no_new_privs(true).restrict_self()
    };
    let status = ruleset().map_err(|error| refused("Landlock is not to be had (Linux 5.13 or newer)")(&error))?;
    if status.ruleset == RulesetStatus::NotEnforced || !status.no_new_privs {
        let why = "the system did not enforce it".to_owned();
        return Err(Unconfined { what: "Landlock is not to be had (Linux 5.13 or newer)", why });
    }
    Ok(())
}

/// Calls that computing, answering and ending need.
const ALLOWED: [i64; 33] = [
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_recvfrom,
    libc::SYS_sendto,
    libc::SYS_ppoll,
    libc::SYS_futex,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_close,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_getrandom,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_membarrier,
    libc::SYS_rseq,
    libc::SYS_set_robust_list,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

pub(super) fn seal() -> Result<(), Unconfined> {
    const WHAT: &str = "seccomp is not to be had";
    let filter = filter().map_err(|error| refused(WHAT)(&error))?;
    apply_filter_all_threads(&filter).map_err(|error| refused(WHAT)(&error))
}

fn filter() -> Result<BpfProgram, seccompiler::BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = ALLOWED.iter().map(|call| (*call, Vec::new())).collect();
    #[cfg(target_arch = "x86_64")]
    rules.insert(libc::SYS_poll, Vec::new());
    // Memory that can be executed is never needed, and half of an attack on the engine.
    let executable = libc::PROT_EXEC.unsigned_abs().into();
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        let plain = SeccompCondition::new(2, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(executable), 0)?;
        rules.insert(call, vec![SeccompRule::new(vec![plain])?]);
    }
    // To end itself (an assertion, a full heap) a process signals its own thread.
    let own = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, u64::from(std::process::id()))?;
    rules.insert(libc::SYS_tgkill, vec![SeccompRule::new(vec![own])?]);
    let refusal = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    SeccompFilter::new(rules, refusal, SeccompAction::Allow, TargetArch::try_from(std::env::consts::ARCH)?)?.try_into()
}
