//! The account that a command works on: AWS, or the rehearsal account of the project.
//!
//! `target` chooses the account, `connect` reaches AWS, `rehearsal_account` keeps the rehearsal account in
//! `.rtiler/rehearsal.json`, `registries` looks up images outside of ECR, `account_lock` keeps that to one process at a time, `template_history` keeps previous
//! templates for rollbacks.
//!
//! May import `deploy`, `rehearsal`, `registry`, `aws` and `cli::{args, exit, files, packages, terminal}`.
//!
//! *Invariant*: the account is chosen once for each command; everything after that is the same code for both.

mod account_lock;
mod assumptions;
pub(crate) mod connect;
#[cfg(feature = "aws")]
mod registries;
mod rehearsal_account;
mod save_pace;
mod target;
pub(crate) mod template_history;

pub(crate) use rehearsal_account::{Access, RehearsalStart, with_rehearsal_account};
pub(crate) use target::TargetAccount;
