//! The policies of `permissions`, enforced: moto refuses the actions that the policy of the user does not allow, and verifies the
//! signatures of requests. It looks at actions only, so they are allowed on every resource here; `permissions` looks at resources.

use std::collections::BTreeSet;

use rtiler::aws::{AccessKey, Options};
use rtiler::deploy::api::{AccountFacts, CountedResource, ErrorKind};
use serde_json::{Value, json};

use super::binary::result;
use super::{connect, options, wait};
use crate::harness::{Boto, Emulator, Proxy, Server, post};
use crate::program::rtiler;

const USER: &str = "deployer";
const SCRIPT: &str = r#"Stack("jobs").add(AWS::SQS::Queue("Queue"))"#;

/// The actions of the list of what `destroy` deletes; with `--yes`, it is not needed.
const LISTING: [&str; 2] = ["cloudformation:GetTemplate", "cloudformation:ListStackResources"];

/// A folder with a script, and an account of moto with a user whose policy is enforced.
struct Enforced {
    folder: tempfile::TempDir,
    boto: Boto,
    proxy: Proxy,
    key: Value,
    server: Server,
}

impl Enforced {
    /// Starts moto with these variables in its environment.
    fn new(environment: &[(&str, &str)]) -> Enforced {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("app.rhai"), SCRIPT).unwrap();
        let server = Server::start_with(Emulator::Moto, environment);
        let boto = Boto::new(&server.url(), "test");
        boto.call("iam", "create_user", &json!({ "UserName": USER }));
        let key = boto.call("iam", "create_access_key", &json!({ "UserName": USER }))["AccessKey"].clone();
        let proxy = Proxy::before(server.port());
        proxy.refuse_like_aws();
        Enforced { folder, boto, proxy, key, server }
    }

    /// Returns the actions that `permissions` lists for the deployer.
    fn deployer_actions(&self) -> BTreeSet<String> {
        let words = ["run", "app.rhai", "permissions", "--json", "--region", "us-east-1"];
        let output = rtiler(self.folder.path(), words).output().unwrap();
        let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
        let policies = printed["result"]["deployer"].as_array().unwrap();
        let statements = policies.iter().flat_map(|policy| policy["document"]["Statement"].as_array().unwrap());
        let actions = statements.flat_map(|statement| statement["Action"].as_array().unwrap());
        actions.map(|action| action.as_str().unwrap().to_owned()).collect()
    }

    /// Runs a command as the user, who is allowed these actions.
    fn run<'a>(&self, allowed: impl IntoIterator<Item = &'a String>, words: &str) -> (Option<i32>, String) {
        self.allow(allowed);
        let output = self.enforced(|| {
            let mut command = rtiler(self.folder.path(), words.split(' '));
            command.env("AWS_ENDPOINT_URL", self.proxy.url()).env("AWS_REGION", "us-east-1");
            let AccessKey { id, secret } = self.key();
            command.env("AWS_ACCESS_KEY_ID", id).env("AWS_SECRET_ACCESS_KEY", secret).output().unwrap()
        });
        result(&output)
    }

    fn key(&self) -> AccessKey {
        let text = |name: &str| self.key[name].as_str().unwrap().to_owned();
        AccessKey { id: text("AccessKeyId"), secret: text("SecretAccessKey") }
    }

    fn allow<'a>(&self, allowed: impl IntoIterator<Item = &'a String>) {
        let actions: Vec<&String> = allowed.into_iter().collect();
        let statement = json!({ "Effect": "Allow", "Action": actions, "Resource": "*" });
        let document = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        let policy = json!({ "UserName": USER, "PolicyName": "deployer", "PolicyDocument": document });
        self.boto.call("iam", "put_user_policy", &policy);
    }

    /// Does something while policies are enforced; before and after, every action is allowed.
    fn enforced<T>(&self, work: impl FnOnce() -> T) -> T {
        // The number of calls that are not checked.
        assert!(post(self.server.port(), "/moto-api/reset-auth", "0"));
        let done = work();
        assert!(post(self.server.port(), "/moto-api/reset-auth", "inf"));
        done
    }
}

#[test]
fn deployer_policy_is_enough_and_each_called_action_is_needed() {
    let account = Enforced::new(&[("SIGNATURES", "unchecked")]);
    let allowed = account.deployer_actions();
    let run = |allowed: &BTreeSet<String>, words: &str| account.run(allowed, &format!("run app.rhai {words}"));
    let mut denials = 0;
    for words in ["deploy --yes", "diff", "events", "destroy --yes"] {
        let prepare = || {
            account.boto.call("cloudformation", "delete_stack", &json!({ "StackName": "jobs" }));
            if words != "deploy --yes" {
                assert_eq!(run(&allowed, "deploy --yes").0, Some(0));
            }
        };
        prepare();
        let before = account.proxy.calls().len();
        let (code, printed) = run(&allowed, words);
        assert_eq!(code, Some(0), "{words}: {printed}");
        let calls: BTreeSet<String> = account.proxy.calls().split_off(before).into_iter().collect();
        for denied in allowed.iter().filter(|action| calls.contains(action.split_once(':').unwrap().1)) {
            prepare();
            let others = allowed.iter().filter(|action| *action != denied).cloned().collect();
            let (code, printed) = run(&others, words);
            let is_listing = words.starts_with("destroy") && LISTING.contains(&denied.as_str());
            let text = if is_listing {
                format!("cannot be listed: AWS does not allow you to do `{denied}`")
            } else {
                format!("request a policy that allows `{denied}`")
            };
            assert!(printed.contains(&text), "{words} without {denied}: {printed}");
            assert_eq!(code, Some(if is_listing { 0 } else { 3 }), "{words} without {denied}: {printed}");
            denials += 1;
        }
    }
    assert!(denials > 10, "{denials}");
}

#[test]
fn roles_quotas_and_networks_are_read_by_signed_requests() {
    let account = Enforced::new(&[]);
    let options = Options { access_key: Some(account.key()), ..options(&account.proxy.url(), "") };
    let aws = connect(options);
    let ecs = "AWSServiceRoleForECS";
    account.allow(&["*".to_owned()]);
    account.enforced(|| {
        assert_eq!(wait(aws.has_role(ecs)), Ok(false));
        assert_eq!(wait(aws.count(CountedResource::Vpc)), Ok(1));
        assert_eq!(wait(aws.count(CountedResource::ElasticIp)), Ok(0));
        assert_eq!(wait(aws.quota("vpc", "L-F678F1CE")), Ok(Some(5.0)));
    });
    // moto gives the roles of services other names than AWS.
    account.boto.call("iam", "create_role", &json!({ "RoleName": ecs, "AssumeRolePolicyDocument": "{}" }));
    account.enforced(|| assert_eq!(wait(aws.has_role(ecs)), Ok(true)));
    account.allow(&["sts:*".to_owned()]);
    account.enforced(|| {
        assert_eq!(wait(aws.has_role(ecs)).unwrap_err().kind, ErrorKind::AccessDenied);
        assert_eq!(wait(aws.count(CountedResource::Vpc)).unwrap_err().kind, ErrorKind::AccessDenied);
        assert_eq!(wait(aws.quota("vpc", "L-F678F1CE")).unwrap_err().kind, ErrorKind::AccessDenied);
    });
    let other = Options {
        access_key: Some(AccessKey { secret: "other".to_owned(), ..account.key() }),
        ..self::options(&account.proxy.url(), "")
    };
    let refused = account.enforced(|| wait(connect(other).has_role(ecs)).unwrap_err());
    assert_eq!(refused.code, "SignatureDoesNotMatch");
}
