//! The bindings of what services use: databases, caches, buckets, queues, topics, tables, file systems, secrets and repositories.

mod bucket;
mod cache;
mod database;
mod file_system;
mod queue;
mod repository;
mod secret;
mod table;
mod topic;
