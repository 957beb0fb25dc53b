//! Our adapter and our engine against servers that we did not write, over HTTP; what was deployed is looked at with
//! boto3.

mod adapter;
mod balancer;
mod binary;
mod bootstrap;
mod cbor;
mod cloud_control;
mod containers;
mod deploy;
mod ecr;
mod enforced;
mod faults;
mod images;
mod odd_servers;
mod permissions;
mod refusals;
mod running_services;
mod shapes;
mod titiler;
mod world;

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};

use rtiler::aws::{AccessKey, Aws, Options};

use crate::harness::{Boto, Emulator, Proxy, Server};

/// An emulated account in `us-east-1`, with our adapter and boto3 side by side.
struct Account {
    aws: Aws,
    boto: Boto,
    proxy: Proxy,
    number: String,
    server: &'static Server,
}

impl Account {
    /// Returns an account that no other test uses; moto has only one, in which names must differ. Our adapter reaches
    /// it through the proxy, boto3 directly.
    fn new(emulator: Emulator) -> Account {
        static NUMBER: AtomicUsize = AtomicUsize::new(1);
        let server = Server::shared(emulator);
        let proxy = Proxy::before(server.port());
        let number = format!("{:012}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let aws = connect(options(&proxy.url(), &number));
        Account { aws, boto: Boto::shared(emulator).of(&number), proxy, number, server }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the server's last lines:\n{}", self.server.log());
        }
    }
}

/// Returns options that reach an emulator in any environment of the test.
fn options(endpoint: &str, account: &str) -> Options {
    Options {
        region: Some("us-east-1".to_owned()),
        endpoint_url: Some(endpoint.to_owned()),
        access_key: Some(AccessKey { id: account.to_owned(), secret: "secret".to_owned() }),
        ..Options::default()
    }
}

/// Creates the bucket of large templates, as `rtiler bootstrap` does.
fn create_template_bucket(account: &Account) -> serde_json::Value {
    let caller = account.boto.call("sts", "get_caller_identity", &serde_json::json!({}));
    let name = format!("rtiler-templates-{}-us-east-1", caller["Account"].as_str().unwrap());
    let bucket = serde_json::json!({ "Bucket": name });
    account.boto.call("s3", "create_bucket", &bucket);
    bucket
}

fn connect(options: Options) -> Aws {
    wait(Aws::connect(options))
}

/// Runs a future to its end on this thread.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime can be made").block_on(future)
}
