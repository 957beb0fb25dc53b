//! TODO-ROOM

pub(crate) mod account_lock;
pub(crate) mod rehearsal_account;
pub(crate) mod template_history;
