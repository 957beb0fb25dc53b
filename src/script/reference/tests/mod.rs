use super::*;

fn page(name: &str) -> Entry {
    let mut found = find(name);
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    found.remove(0)
}

#[test]
fn property_path_is_found_at_any_depth_and_in_any_case() {
    let percent = page("aws::ecs::service.deploymentconfiguration.minimumhealthypercent");
    assert_eq!(percent.name, "AWS::ECS::Service.DeploymentConfiguration.MinimumHealthyPercent");
    assert!(percent.to_text(80).contains("lower limit"), "{}", percent.to_text(80));
    let name = page("AWS::ECS::TaskDefinition.ContainerDefinitions.Name");
    assert!(name.to_text(80).contains("A change replaces the resource."), "{}", name.to_text(80));
}

#[test]
fn every_call_form_has_an_example() {
    let forms = bindings::forms();
    assert!(forms.len() > 120, "{} forms", forms.len());
    let without_example = forms.iter().filter(|form| !form.doc.contains("```rhai"));
    let without_example: Vec<String> = without_example.map(bindings::Signature::signature).collect();
    assert!(
        without_example.is_empty(),
        "these have no example, which `rtiler doc` shows and a test executes: {without_example:#?}"
    );
}

#[test]
fn glob_with_many_stars_is_answered_at_once() {
    assert!(find("FargateService").len() == 1);
    // A matcher that backtracks would not return in a lifetime.
    let pattern = format!("{}b", "*a".repeat(40));
    assert!(Reference::of_language().search(&pattern).is_empty());
}

/// Returns the names that a search lists or shows.
fn found(query: &str) -> Vec<String> {
    match Reference::of_language().look_up(query) {
        SearchResult::Pages(entries) | SearchResult::List(entries) => {
            entries.into_iter().map(|entry| entry.name).collect()
        }
        SearchResult::Nothing(near) => near.map(|near| format!("near {near}")).into_iter().collect(),
    }
}

#[test]
fn word_of_another_tool_finds_the_method_or_the_way() {
    for (query, first) in [
        ("sticky", "FargateService.sticky"),
        ("grpc", "gRPC and HTTP/2"),
        ("migrate", "migrations and other one-off tasks"),
        ("ulimit", "Container.ulimit"),
        ("env_file", "Container.env_file"),
        ("envFile", "environment files"),
        ("ingress", "ingress: public and internal traffic"),
        ("deregistration delay", "draining and slow start of targets"),
        ("blue green", "blue/green, canary and rolling deployments"),
    ] {
        assert_eq!(found(query).first().map(String::as_str), Some(first), "{query}: {:?}", found(query));
    }
    let has =
        |query: &str, name: &str| assert!(found(query).iter().any(|it| it == name), "{query}: {:?}", found(query));
    has("schedule", "Scaling.schedule");
    has("schedule", "scheduled tasks");
    has("iam role", "AWS::IAM::Role");
    has("iam role", "IAM roles and permissions");
    has("replicas", "FargateService.count");
    has("desired count", "FargateService.count");
    has("idle timeout", "Alb.idle_timeout");
    has("health check", "FargateService.health_check");
    has("nat gateway", "Vpc.nat_gateways");
    assert_eq!(found("memroy"), ["near memory"]);
    assert_eq!(found("qqxyzzy"), [""; 0]);
}

#[test]
fn search_lists_few_entries_with_wrapped_summaries() {
    for query in ["health check", "load balancer", "security", "deploys"] {
        let result = Reference::of_language().look_up(query);
        let SearchResult::List(entries) = &result else { continue };
        assert!(entries.len() < 80, "{query}: {}", entries.len());
        let text = result.to_text(80);
        assert_eq!(text.lines().filter(|line| !line.starts_with(' ')).count(), entries.len(), "{query}");
        for entry in entries {
            let words: Vec<&str> = text.split_whitespace().collect();
            let summary: Vec<&str> = entry.summary.split_whitespace().collect();
            assert!(words.windows(summary.len().max(1)).any(|part| part == summary), "{query}: {}", entry.summary);
        }
    }
}

#[test]
fn topic_names_what_exists_and_knows_the_methods_of_its_words() {
    let reference = Reference::of_language();
    for topic in topics::TOPICS {
        for name in topic.names().filter(|name| !name.starts_with("run ")) {
            assert!(!reference.find(name).is_empty(), "{}: `{name}` is not documented", topic.title());
        }
        for word in topic.words() {
            let methods = reference.entries().iter().filter(|it| it.kind == Kind::Method && it.short_name() == word);
            let unnamed: Vec<&str> =
                methods.map(|it| it.name.as_str()).filter(|name| !topic.names().any(|known| known == *name)).collect();
            let blocks =
                unnamed.iter().filter(|name| !topic.names().any(|known| name.starts_with(&format!("{known}."))));
            assert_eq!(
                blocks.count(),
                0,
                "{}: name the methods {unnamed:?}, and use them in the example",
                topic.title()
            );
        }
    }
}

#[test]
fn page_of_a_resource_type_names_the_methods_of_raw_resources() {
    let text = page("AWS::S3::Bucket").to_text(80);
    for method in [".depends_on(", ".deletion_policy(", ".update_policy(", ".condition(", ".metadata("] {
        assert!(text.contains(method), "{text}");
    }
}

#[test]
fn setter_of_a_number_says_its_unit() {
    const UNITS: &[&str] = &[
        "CPU units",
        "MiB",
        "GiB",
        "second",
        "minute",
        "hour",
        "day",
        "percent",
        "port",
        "number",
        "priority",
        "weight",
        "tasks",
        "times",
        "zones",
        "gateways",
        "requests",
        "threshold",
        "count",
        "failed",
        "workers",
        "checks",
    ];
    let counts = |form: &&bindings::Signature| {
        let parameters = form.parameters.as_deref().unwrap_or_default();
        let is_number = |what: &str| what.contains("number") || what.contains("range");
        parameters.iter().any(|(_, what)| is_number(what) && !what.contains("text"))
    };
    let forms = bindings::forms();
    let numbers: Vec<&bindings::Signature> = forms.iter().filter(|form| form.owner.is_some()).filter(counts).collect();
    assert!(numbers.len() > 20, "{}", numbers.len());
    let without: Vec<String> = numbers
        .iter()
        .filter(|form| !UNITS.iter().any(|unit| form.doc.contains(unit)))
        .map(|form| form.signature())
        .collect();
    assert_eq!(without, [""; 0], "say the unit in the documentation");
}

#[test]
fn package_is_documented_by_its_comments_and_its_manifest() {
    let manifest = "[package]\nname = \"acme-web\"\nversion = \"1.2.0\"\ndescription = \"Web services. Of Acme.\"\nlicence = \"MIT\"\n\
        [requests]\nenv = [\"ACME_*\"]\n";
    let manifest = crate::package::Manifest::parse("rtiler.toml", manifest).expect("a manifest");
    let text = "/// Creates a service.\n///\n/// ```rhai\n/// web::web_service(\"shop\")\n/// ```\n\
        fn web_service(name) { FargateService(name).behind(Alb(name)) }\n";
    let reference = Reference::of(package(&manifest, text));
    let SearchResult::Pages(pages) = reference.look_up("acme-web") else { panic!("a page") };
    assert_eq!(pages[0].summary, "Web services.");
    let page = pages[0].to_text(80);
    for part in ["Version 1.2.0, licence MIT.", "`ACME_*`", "import \"acme-web\" as web;", "acme-web::web_service"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(reference.look_up("acme-web::web_service"), reference.look_up("web::web_service"));
    let SearchResult::Pages(pages) = reference.look_up("acme-web::web_service") else { panic!("a page") };
    assert_eq!(pages[0].signatures, ["web::web_service(name)"]);
    assert_eq!(pages[0].examples().count(), 1);
    let page = pages[0].to_text(80);
    assert!(page.contains("It creates `Alb`, `FargateService`."), "{page}");
}
