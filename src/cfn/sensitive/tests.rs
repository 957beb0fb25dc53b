use serde_json::json;

use super::*;
use crate::cfn::schema::Schema;
use crate::cfn::{Resource, parse};

fn resource(text: &str) -> Resource {
    let text = format!("Resources:\n  It:\n{text}");
    let mut template = parse::template("test.yaml", &text).value.expect("a template");
    template.resources.swap_remove("It").expect("the resource")
}

fn masked(text: &str) -> serde_json::Value {
    masked_properties(&resource(text), Some(Schema::embedded()), &KnownSecrets::default())
}

#[test]
fn variables_of_a_container_keep_their_names_and_references() {
    let found = masked(
        "    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: web
          Image: nginx
          Environment: [{ Name: LEVEL, Value: info }, { Name: URL, Value: !Ref Alb }]
          Secrets: [{ Name: PASSWORD, ValueFrom: /app/password }]
          Command: [serve, --password, hunter2, --token=abcdef, --port, '80', -c, 'psql postgres://app:hunter2@db/app']
",
    );
    let container = &found["ContainerDefinitions"][0];
    let environment = json!([{ "Name": "LEVEL", "Value": HIDDEN }, { "Name": "URL", "Value": { "Ref": "Alb" } }]);
    assert_eq!(container["Environment"], environment);
    assert_eq!(container["Secrets"], json!([{ "Name": "PASSWORD", "ValueFrom": "/app/password" }]));
    let command = [
        "serve",
        "--password",
        HIDDEN,
        "--token=(not shown)",
        "--port",
        "80",
        "-c",
        "psql postgres://app:(not shown)@db/app",
    ];
    assert_eq!(container["Command"], json!(command));
    assert_eq!((&container["Name"], &container["Image"]), (&json!("web"), &json!("nginx")));
}

#[test]
fn properties_for_secrets_of_any_type_are_hidden_and_references_are_not() {
    let cases = [
        (
            "AWS::RDS::DBInstance",
            "{ MasterUserPassword: hunter2, Engine: postgres }",
            json!({ "MasterUserPassword": HIDDEN, "Engine": "postgres" }),
        ),
        ("AWS::RDS::DBInstance", "{ ManageMasterUserPassword: true }", json!({ "ManageMasterUserPassword": true })),
        (
            "AWS::RDS::DBInstance",
            "{ MasterUserPassword: '{{resolve:ssm-secure:/db}}' }",
            json!({ "MasterUserPassword": "{{resolve:ssm-secure:/db}}" }),
        ),
        (
            "AWS::SecretsManager::Secret",
            "{ Name: db, SecretString: hunter2 }",
            json!({ "Name": "db", "SecretString": HIDDEN }),
        ),
        (
            "AWS::SSM::Parameter",
            "{ Name: /db, Type: String, Value: hunter2 }",
            json!({ "Name": "/db", "Type": "String", "Value": HIDDEN }),
        ),
        ("AWS::ElastiCache::ReplicationGroup", "{ AuthToken: hunter2 }", json!({ "AuthToken": HIDDEN })),
        (
            "AWS::CodePipeline::Webhook",
            "{ AuthenticationConfiguration: { SecretToken: x123 } }",
            json!({ "AuthenticationConfiguration": { "SecretToken": HIDDEN } }),
        ),
        (
            "AWS::Lambda::Function",
            "{ Runtime: python3.13, Environment: { Variables: { A: b } } }",
            json!({ "Runtime": "python3.13", "Environment": { "Variables": { "A": HIDDEN } } }),
        ),
        (
            "AWS::CodeBuild::Project",
            "{ Environment: { Image: x, EnvironmentVariables: [{ Name: A, Type: PLAINTEXT, Value: b }] } }",
            json!({ "Environment": { "Image": "x", "EnvironmentVariables": [{ "Name": "A", "Type": "PLAINTEXT", "Value": HIDDEN }] } }),
        ),
        (
            "Custom::Login",
            "{ ServiceToken: !Ref F, ApiKey: abc }",
            json!({ "ServiceToken": { "Ref": "F" }, "ApiKey": HIDDEN }),
        ),
    ];
    hidden(&cases);
}

#[test]
fn texts_that_programs_run_are_hidden_and_tags_are_not() {
    let cases = [
        (
            "AWS::CodeBuild::Project",
            "{ Source: { Type: NO_SOURCE, BuildSpec: 'env: {variables: {A: hunter2}}' } }",
            json!({ "Source": { "Type": "NO_SOURCE", "BuildSpec": HIDDEN } }),
        ),
        (
            "AWS::Events::Rule",
            "{ State: ENABLED, Targets: [{ Id: a, Arn: b, Input: '{\"environment\": 1}' }] }",
            json!({ "State": "ENABLED", "Targets": [{ "Id": "a", "Arn": "b", "Input": HIDDEN }] }),
        ),
        (
            "AWS::Glue::Job",
            "{ Role: r, DefaultArguments: { '--db': hunter2 } }",
            json!({ "Role": "r", "DefaultArguments": { "--db": HIDDEN } }),
        ),
        ("AWS::EC2::Instance", "{ UserData: !Base64 'echo hunter2' }", json!({ "UserData": HIDDEN })),
        (
            "AWS::SNS::Topic",
            "{ Tags: [{ Key: Owner, Value: me }] }",
            json!({ "Tags": [{ "Key": "Owner", "Value": "me" }] }),
        ),
    ];
    hidden(&cases);
}

/// Asserts that properties of a type are shown as expected.
#[track_caller]
fn hidden(cases: &[(&str, &str, serde_json::Value)]) {
    for (kind, properties, expected) in cases {
        let found = masked(&format!("    Type: {kind}\n    Properties: {properties}\n"));
        assert_eq!(found, *expected, "{kind}");
    }
}

#[test]
fn value_that_aws_reports_is_hidden_by_its_path() {
    let at = |kind: &str, pointer: &str, value: serde_json::Value| {
        guarded_at(kind, pointer, value, Some(Schema::embedded()), &KnownSecrets::default()).visible().clone()
    };
    let task = "AWS::ECS::TaskDefinition";
    assert_eq!(at(task, "/ContainerDefinitions/0/Environment/1/Value", "info".into()), json!(HIDDEN));
    assert_eq!(at(task, "/ContainerDefinitions/0/Environment/1/Name", "LEVEL".into()), json!("LEVEL"));
    assert_eq!(at(task, "/ContainerDefinitions/0/Image", "nginx".into()), json!("nginx"));
    assert_eq!(at(task, "/ContainerDefinitions/0/Command/1", "hunter2".into()), json!(HIDDEN));
    assert_eq!(at("AWS::Lambda::Function", "/Environment/Variables/A", "b".into()), json!(HIDDEN));
    assert_eq!(at("AWS::SSM::Parameter", "/Value", "hunter2".into()), json!(HIDDEN));
    let environment = json!([{ "Name": "A", "Value": "b" }]);
    assert_eq!(at(task, "/ContainerDefinitions/0/Environment", environment), json!([{ "Name": "A", "Value": HIDDEN }]));
}

#[test]
fn name_of_a_secret_is_not_the_name_of_its_place_or_rules() {
    for name in ["DB_PASSWORD", "ClientSecret", "api-key", "OAuthToken", "dbPass", "connectionString", "splunk-token"] {
        assert!(is_secret_name(name), "{name}");
    }
    for name in ["SecretArn", "PASSWORD_LENGTH", "TokenUrl", "Compass", "KeyId", "SecretName", "PasswordPolicy"] {
        assert!(!is_secret_name(name), "{name}");
    }
    // (name, is hidden, is warned about)
    for (name, hides, warns) in [
        ("DB_PASSWORD", true, true),
        ("PASS", true, true),
        ("AWS_SECRET_ACCESS_KEY", true, true),
        ("licenseKey", true, true),
        ("TOKEN_SALT", true, false),
        ("DB_CONNECTION_STRING", true, false),
        ("LOGIN_PIN", true, false),
        ("MAX_TOKENS", true, false),
        ("PASSWORD_LENGTH", false, false),
        ("KEY", false, false),
    ] {
        let judged = [Purpose::Hide, Purpose::Warn].map(|purpose| is_secret_name_for(name, purpose));
        assert_eq!(judged, [hides, warns], "{name}");
    }
    for option in ["--password", "--db-password", "-password", "--requirepass", "--auth-token"] {
        assert!(is_secret_option(option), "{option}");
    }
    for option in ["--password-file", "--port", "password", "-p", "--compass-url"] {
        assert!(!is_secret_option(option), "{option}");
    }
}

#[test]
fn guarded_value_is_printed_and_serialised_without_its_secret() {
    let value = KnownSecrets::new(["hunter2hunter2".to_owned()]).guard(json!({ "a": ["x hunter2hunter2"] }));
    let texts = [format!("{value:?}"), serde_json::to_string(&value).expect("JSON"), value.visible().to_string()];
    for text in texts {
        assert!(!text.contains("hunter2") && text.contains(HIDDEN), "{text}");
    }
    assert_eq!(value.revealed(ShowValues::requested()), &json!({ "a": ["x hunter2hunter2"] }));
    let read: GuardedValue = serde_json::from_value(serde_json::to_value(&value).expect("JSON")).expect("a value");
    assert!(read.is_hidden());
}

#[test]
fn change_of_a_hidden_value_alone_says_so() {
    let hidden = |text: &str| GuardedValue::hidden(text.into());
    let visible = |value: Option<GuardedValue>| value.map(|value| value.visible().clone());
    let (before, after) = GuardedValue::changed(Some(hidden("a")), Some(hidden("b")));
    assert_eq!((visible(before), visible(after)), (Some(json!(HIDDEN)), Some(json!(CHANGED))));
    let (before, after) = GuardedValue::changed(None, Some(hidden("b")));
    assert_eq!((visible(before), visible(after)), (None, Some(json!(HIDDEN))));
    let (_, after) = GuardedValue::changed(Some(hidden("a")), Some(hidden("a")));
    assert_eq!(visible(after), Some(json!(HIDDEN)));
}

#[test]
fn command_continues_the_words_of_its_entry_point_in_a_line_of_a_script() {
    let hidden = |line: &str| KnownSecrets::default().same_width(line);
    let short = r#".entrypoint(["mysql"]).command(["-phunter2", "--host", "db"])"#;
    assert_eq!(hidden(short), short.replace("hunter2", "*******"));
    let separate = r#".entrypoint(["redis-cli"]).command(["-a", "hunter2", "ping"])"#;
    assert_eq!(hidden(separate), separate.replace("hunter2", "*******"));
    let other = r#".entrypoint(["server"]).command(["-p8080"]).port(8080)"#;
    assert_eq!(hidden(other), other);
}

#[test]
fn option_of_a_program_is_hidden_in_another_line_than_its_entry_point() {
    let script = "s.entrypoint([\"mysql\"])\n .command([\"-u\", \"root\", \"-phunter2\"])";
    let options = OptionsOfPrograms::named_in(&[script].into_iter());
    let hidden = |before: &str, line: &str| KnownSecrets::default().same_width_after(before, line, &options);
    let line = ".command([\"-u\", \"root\", \"-phunter2\", \"app\"])";
    assert_eq!(hidden("", line), line.replace("hunter2", "*******"));
    assert_eq!(hidden("Command:", "  - -phunter2"), "  - -p*******");
    assert_eq!(hidden("", "[\"-p$(PASSWORD)\"]"), "[\"-p$(PASSWORD)\"]");
    let none = OptionsOfPrograms::named_in(&["s.entrypoint([\"server\"])"].into_iter());
    assert_eq!(KnownSecrets::default().same_width_after("", line, &none), line);
    let redis = OptionsOfPrograms::named_in(&["[\"/usr/bin/redis-cli\"]"].into_iter());
    let next = KnownSecrets::default().same_width_after("    \"-a\",", "    \"hunter2\",", &redis);
    assert_eq!(next, "    \"*******\",");
}

#[test]
fn secret_of_several_lines_and_its_json_form_are_searched() {
    let key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n-----END KEY-----";
    let known = KnownSecrets::new([key.to_owned()]);
    assert!(!known.text("line: MIIEvQIBADANBgkqhkiG9w0B").contains("MIIE"));
    assert!(!known.known_in(&json!({ "text": key }).to_string()).contains("MIIE"));
    assert_eq!(known.text("MIIE is short"), "MIIE is short");
}

#[test]
fn write_only_property_with_listed_values_is_shown() {
    let found = masked("    Type: AWS::S3::Bucket\n    Properties: { AccessControl: Private }\n");
    assert_eq!(found, json!({ "AccessControl": "Private" }));
}

#[test]
fn credentials_in_files_are_found_and_words_of_documentation_are_not() {
    let key = format!("let a = 1;\nlet key = \"{}{}\";\n", "AKIA", "2E0A8F3B244C9986");
    let secret = format!("aws_secret_access_key: \"{}\"", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEx1a");
    let private = format!("-----BEGIN RSA {0}-----\nMIIEpAIBAAKCAQEA\n-----END RSA {0}-----\n", "PRIVATE KEY");
    let token = format!("export GH={}{}", "ghp_", "16C7e42F292c6912E7710c838347Ae178B4a");
    assert_eq!(credential_lines(&key), [2]);
    for text in [secret, private, token] {
        assert_eq!(credential_lines(&text), [1], "{text}");
    }
    for text in [
        "the key AKIAIOSFODNN7EXAMPLE of the documentation",
        "let password = required(\"string\");",
        "service.secret(\"DB_PASSWORD\", \"arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf\")",
        ".env(#{ PASSWORD: \"example\", SECRET_NAME: \"prod/titiler/database-password\" })",
        "basic example of a bearer token",
        "https://user:password@example.com",
        "\"-----BEGIN PRIVATE KEY-----\" begins such a file",
        "hash = \"sha256:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a\"",
    ] {
        assert_eq!(credential_lines(text), Vec::<u32>::new(), "{text}");
    }
}

/// Returns the words of a container's command as they are shown.
fn command(words: &str) -> serde_json::Value {
    let text = format!(
        "    Type: AWS::ECS::TaskDefinition\n    Properties: {{ ContainerDefinitions: [{{ Name: a, Command: {words} }}] }}\n"
    );
    masked(&text)["ContainerDefinitions"][0]["Command"].clone()
}

#[test]
fn short_options_of_database_clients_are_hidden_in_lists() {
    let mysql = command("[/usr/bin/mysqldump, -u, root, -phunter2, -P3306, app]");
    assert_eq!(mysql, json!(["/usr/bin/mysqldump", "-u", "root", "-p(not shown)", "-P3306", "app"]));
    assert_eq!(command("[mariadb, -p, app]"), json!(["mariadb", "-p", "app"]));
    assert_eq!(command("[CMD, redis-cli, -a, hunter2, ping]"), json!(["CMD", "redis-cli", "-a", HIDDEN, "ping"]));
    assert_eq!(command("[redis-cli, -a, $PASSWORD]"), json!(["redis-cli", "-a", "$PASSWORD"]));
    let curl = json!(["curl", "-u", "app:(not shown)", "-uapp:(not shown)", "https://x.example"]);
    assert_eq!(command("[curl, -u, 'app:hunter2', '-uapp:hunter2', 'https://x.example']"), curl);
    // Other programs have other options.
    assert_eq!(command("[serve, -p8080, -a, hello]"), json!(["serve", "-p8080", "-a", "hello"]));
}

#[test]
fn command_continues_the_words_of_its_entry_point() {
    let of = |entry_point: &str, command: &str| {
        let container = format!("{{Name: app, EntryPoint: {entry_point}, Command: {command}}}");
        let properties = format!("    Properties:\n      ContainerDefinitions: [{container}]\n");
        masked(&format!("    Type: AWS::ECS::TaskDefinition\n{properties}"))["ContainerDefinitions"][0]["Command"]
            .clone()
    };
    assert_eq!(of("[mysql, -u, root]", "[-phunter2, app]"), json!(["-p(not shown)", "app"]));
    assert_eq!(of("[serve, --password]", "[hunter2, --port, '80']"), json!([HIDDEN, "--port", "80"]));
    assert_eq!(of("[curl, -u]", "['app:hunter2']"), json!(["app:(not shown)"]));
    assert_eq!(of("[sh, -c]", "[mysql, -phunter2]"), json!(["mysql", "-p(not shown)"]));
    assert_eq!(of("[serve]", "[-p8080]"), json!(["-p8080"]));
}

#[test]
fn short_options_of_database_clients_are_hidden_in_texts() {
    let known = KnownSecrets::default();
    for (text, shown) in [
        ("mysql -h db -phunter2 app", "mysql -h db -p(not shown) app"),
        ("cd /x && /usr/bin/mysqldump -p'hunter2' app", "cd /x && /usr/bin/mysqldump -p'(not shown)' app"),
        ("mysqladmin ping -phunter2 || exit 1", "mysqladmin ping -p(not shown) || exit 1"),
        ("redis-cli -h cache -a hunter2 ping", "redis-cli -h cache -a (not shown) ping"),
        (r#"CMD ["redis-cli", "-a", "hunter2"]"#, r#"CMD ["redis-cli", "-a", "(not shown)"]"#),
        ("REDISCLI_AUTH=hunter2 redis-cli ping", "REDISCLI_AUTH=(not shown) redis-cli ping"),
        ("PGPASSWORD=hunter2 psql -h db", "PGPASSWORD=(not shown) psql -h db"),
        ("curl -uapp:hunter2 https://x.example", "curl -uapp:(not shown) https://x.example"),
        ("curl -s -u app:hunter2 https://x.example", "curl -s -u app:(not shown) https://x.example"),
        ("sshpass -p hunter2 ssh host", "sshpass -p (not shown) ssh host"),
        ("mongosh -u app -phunter2", "mongosh -u app -p(not shown)"),
        ("mysql+pymysql://app:hunter2@db/app", "mysql+pymysql://app:(not shown)@db/app"),
    ] {
        assert_eq!(known.text(text), shown);
    }
    for kept in [
        "mysql --port=3306 -P3306 -p app",
        "mysql -p$PASSWORD",
        "redis-cli -a ${PASSWORD} ping",
        "nginx -p /etc; mysql; serve -p8080",
        "curl -u $USER https://x.example:443/",
        "the mysql server listens on port 3306",
    ] {
        assert_eq!(known.text(kept), kept);
    }
}

#[test]
fn call_that_creates_a_secret_is_code_and_a_literal_after_its_name_is_hidden() {
    let known = KnownSecrets::default();
    for line in
        ["let token = Secret(\"Token\");", "  const password = s.password;", "let web = web.secret(\"A\", api_token);"]
    {
        assert_eq!(known.same_width(line), line);
    }
    assert_eq!(known.same_width("let password = \"hunter2\";"), "let password = \"*******\";");
    assert_eq!(known.same_width("let password = 12345678;"), "let password = ********;");
    assert_eq!(known.same_width("password = hunter2(x)"), "password = *******(x)");
    assert_eq!(known.same_width("outlet password = hunter2"), "outlet password = *******");
}
