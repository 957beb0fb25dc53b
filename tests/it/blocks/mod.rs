//! The resources of each block and its checks, in scripts as people write them.

mod albs;
mod checks;
mod clusters;
mod data;
mod express;
mod links;
mod networks;
mod raw;
mod reach;
mod services;
mod tasks;
