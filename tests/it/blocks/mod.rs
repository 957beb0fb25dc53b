//! What each block makes, and what its checks say, in scripts as people write them.

mod albs;
mod checks;
mod clusters;
mod networks;
mod raw;
mod services;
