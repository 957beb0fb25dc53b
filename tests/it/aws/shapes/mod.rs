//! What the adapters make of replies of the shape that AWS's services send, and what they send themselves.
//!
//! The shapes are those of the API references' examples and of real accounts; there is no server behind the proxy.

mod ecs;
mod stacks;
mod watched;

use rtiler::aws::Aws;
use serde_json::Value;

use super::{connect, options, wait};
use crate::harness::Proxy;

const SERVICE: &str = "arn:aws:ecs:us-east-1:123456789012:service/titiler/web";
const TASK: &str = "arn:aws:ecs:us-east-1:123456789012:task/titiler/0c4f5f2b7d4a4b1c9e8a6d2f1b3c5d7e";
const DEFINITION: &str = "arn:aws:ecs:us-east-1:123456789012:task-definition/titiler-web:7";

/// AWS with the answers that a test sets.
struct Account {
    aws: Aws,
    proxy: Proxy,
}

impl Account {
    fn new() -> Account {
        let proxy = Proxy::before(1);
        Account { aws: connect(options(&proxy.url(), "123456789012")), proxy }
    }

    /// Returns an account that answers this action with these bodies, one after the other.
    fn answering(action: &str, bodies: &[Value]) -> Account {
        let account = Account::new();
        account.answer(action, bodies);
        account
    }

    fn answer(&self, action: &str, bodies: &[Value]) {
        self.proxy.answer(action, bodies.iter().map(Value::to_string));
    }

    fn in_xml(action: &str, pages: &[&str]) -> Account {
        let account = Account::new();
        let page =
            |inner: &&str| format!("<{action}Response><{action}Result>{inner}</{action}Result></{action}Response>");
        account.proxy.answer(action, pages.iter().map(page));
        account
    }

    /// Returns the requests of an action with JSON bodies.
    fn sent(&self, action: &str) -> Vec<Value> {
        self.proxy.requests(action).iter().map(|body| serde_json::from_str(body).unwrap()).collect()
    }

    /// Returns the parameters of the last request of the query protocol.
    fn form(&self, action: &str) -> Vec<(String, String)> {
        let body = self.proxy.requests(action).pop().expect("it was called");
        let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
        pairs.map(|(key, value)| (key.to_owned(), value.replace("%3A", ":").replace("%2F", "/"))).collect()
    }
}

fn has(form: &[(String, String)], key: &str, value: &str) -> bool {
    form.iter().any(|(k, v)| k == key && v == value)
}
