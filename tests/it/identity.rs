//! Identity comes from names, never from the order of calls: random stacks of services behind load balancers.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rtiler::cfn::diff::templates;
use rtiler::cfn::schema::Schema;
use rtiler::synth::DesiredStack;

use crate::program::{printed, rtiler};
use crate::scripted::{deep, stack};

/// The load balancers, with the setters of each.
const BALANCERS: [(&str, &str); 2] = [("Outer", ""), ("Inner", ".internal()")];
const NAMES: [&str; 5] = ["Api", "Docs", "Site", "Orders", "Mail"];
/// A service that takes the place of another one.
const FRESH: &str = "Fresh";

/// A service: its name, and how it is behind each load balancer.
#[derive(Debug, Clone)]
struct Service {
    name: &'static str,
    /// Whether it names its cluster.
    is_in_main: bool,
    has_spot: bool,
    /// The load balancers, with the routes to the service.
    behind: Vec<(usize, Vec<String>)>,
}

/// A stack: its services, and whether it names its network.
#[derive(Debug, Clone)]
struct App {
    has_network: bool,
    services: Vec<Service>,
}

impl Service {
    fn calls(&self) -> Vec<String> {
        let call = |balancer: &str, route: &String| format!(".behind({}, {route})", balancer.to_lowercase());
        self.behind
            .iter()
            .flat_map(|(at, routes)| routes.iter().map(move |route| call(BALANCERS[*at].0, route)))
            .collect()
    }

    fn expression(&self, reversed: bool, has_network: bool) -> String {
        let mut calls = self.calls();
        calls.extend(self.has_spot.then(|| ".spot(4)".to_owned()));
        calls.extend((self.is_in_main && has_network).then(|| ".cluster(main)".to_owned()));
        if reversed {
            calls.reverse();
        }
        format!("FargateService(\"{}\").image(\"nginx:1.29\"){}", self.name, calls.concat())
    }
}

impl App {
    /// Returns the script that adds the services in this order.
    fn script(&self, reversed: bool) -> String {
        let network = if self.has_network { ".vpc(net)" } else { "" };
        let balancer = |(name, setters): &(&str, &str)| {
            format!("let {} = Alb(\"{name}\"){network}{setters};\n", name.to_lowercase())
        };
        let mut lines: Vec<String> = BALANCERS.iter().map(balancer).collect();
        let mut services: Vec<String> =
            self.services.iter().map(|service| service.expression(reversed, self.has_network)).collect();
        let mut adds = ["Vpc(\"Spare\").nat_gateways(0)", "AWS::SQS::Queue(\"Jobs\")"];
        if reversed {
            services.reverse();
            lines.reverse();
            adds.reverse();
        }
        format!(
            "let net = Vpc(\"Net\");\nlet main = Cluster(\"Main\").vpc(net).spot();\n{}\
             Stack(\"app\"){network}.add([{}]).add([{}])",
            lines.concat(),
            services.join(", "),
            adds.join(", "),
        )
    }

    fn synthesized(&self, reversed: bool) -> DesiredStack {
        stack(&self.script(reversed))
    }

    fn without(&self, at: usize) -> Self {
        let mut fewer = self.clone();
        fewer.services.remove(at);
        fewer
    }

    /// Returns the stack with another name of a service, which keeps its routes.
    fn renamed(&self, at: usize) -> Self {
        let mut renamed = self.clone();
        renamed.services[at].name = FRESH;
        renamed
    }

    /// Returns the stack without one of the load balancers of a service.
    fn without_balancer(&self, at: usize) -> Self {
        let mut fewer = self.clone();
        fewer.services[at].behind.pop();
        fewer
    }

    fn uses(&self, balancer: usize) -> bool {
        self.services.iter().any(|service| service.behind.iter().any(|(at, _)| *at == balancer))
    }
}

/// Returns the routes to a service: of each balancer, since a number is taken once on a listener.
fn routes(name: &'static str) -> impl Strategy<Value = Vec<String>> {
    let (own, number) = (name.to_lowercase(), NAMES.iter().position(|known| *known == name).unwrap_or(0) + 7);
    let paths = [format!("/{own}/*"), format!("/{own}"), format!("/v1/{own}/*"), format!("/a/b/c/{own}*")];
    let mut all: Vec<String> = paths.iter().map(|path| format!("\"{path}\"")).collect();
    all.push(format!("Route().host(\"{own}.example.com\").priority({number})"));
    prop::sample::subsequence(all, 1..=3)
}

fn apps() -> impl Strategy<Value = App> {
    let service = move |name: &'static str| {
        let behind = prop::sample::subsequence(vec![0, 1], 0..=2);
        (behind, routes(name), routes(name), any::<bool>(), any::<bool>()).prop_map(
            move |(balancers, one, two, is_in_main, has_spot)| {
                let routes = [one, two];
                let behind = balancers.into_iter().map(|at| (at, routes[at].clone())).collect();
                Service { name, is_in_main, has_spot, behind }
            },
        )
    };
    let services = prop::sample::subsequence(NAMES.to_vec(), 2..=5)
        .prop_flat_map(move |names| names.into_iter().map(service).collect::<Vec<_>>());
    (any::<bool>(), services).prop_map(|(has_network, services)| App { has_network, services })
}

fn changed(before: &DesiredStack, after: &DesiredStack) -> BTreeSet<String> {
    let diff = templates(&before.template, &after.template, Some(Schema::embedded()));
    diff.resources.iter().map(|resource| resource.id.to_string()).collect()
}

/// Returns whether a resource belongs to a service: its stem is the service's, or a load balancer's rule leads to it.
fn belongs_to(id: &str, service: &Service) -> bool {
    let is_rule = |route: &String| route.split(".priority(").nth(1).is_some_and(|rest| id.ends_with(&rule(rest)));
    id.starts_with(service.name)
        || id.contains(&format!("To{}Service", service.name))
        || service.behind.iter().any(|(_, routes)| routes.iter().any(is_rule))
}

fn rule(number: &str) -> String {
    format!("Listener80Rule{}", number.trim_end_matches(')'))
}

/// Returns whether a resource belongs to what only the removed service used: a load balancer, or the last cluster.
fn is_unused(id: &str, after: &App) -> bool {
    let balancer = BALANCERS.iter().position(|(name, _)| id.starts_with(name));
    let in_stack = |service: &Service| !(service.is_in_main && after.has_network);
    match id {
        "Cluster" => !after.services.iter().any(in_stack),
        "MainCluster" => after.services.iter().all(in_stack),
        _ => balancer.is_some_and(|at| !after.uses(at)),
    }
}

fn assert_only(before: &App, after: &App, service: &Service, other: Option<&Service>) {
    let changed = changed(&before.synthesized(false), &after.synthesized(false));
    let is_own = |id: &String| {
        belongs_to(id, service) || other.is_some_and(|other| belongs_to(id, other)) || is_unused(id, after)
    };
    let foreign: Vec<_> = changed.iter().filter(|id| !is_own(id)).collect();
    assert!(foreign.is_empty(), "of {}: {foreign:?}\n{}\n{}", service.name, before.script(false), after.script(false));
}

proptest! {
    #[test]
    fn order_of_independent_calls_does_not_change_the_template(app in apps()) {
        deep(move || {
            let changed = changed(&app.synthesized(false), &app.synthesized(true));
            assert!(changed.is_empty(), "{changed:?}");
        });
    }

    #[test]
    fn removed_or_added_service_changes_only_what_belongs_to_it(app in apps(), at in any::<prop::sample::Index>()) {
        deep(move || {
            let at = at.index(app.services.len());
            assert_only(&app, &app.without(at), &app.services[at], None);
        });
    }

    #[test]
    fn renamed_service_changes_only_what_belongs_to_it(app in apps(), at in any::<prop::sample::Index>()) {
        deep(move || {
            let at = at.index(app.services.len());
            let renamed = app.renamed(at);
            assert_only(&app, &renamed, &app.services[at], Some(&renamed.services[at]));
        });
    }

    #[test]
    fn removed_or_added_load_balancer_of_a_service_changes_only_the_two(
        app in apps(), at in any::<prop::sample::Index>()
    ) {
        deep(move || {
            let at = at.index(app.services.len());
            assert_only(&app, &app.without_balancer(at), &app.services[at], None);
        });
    }

    #[test]
    fn removed_route_changes_only_its_rules(app in apps(), at in any::<prop::sample::Index>()) {
        let mut fewer = app.clone();
        let service = &mut fewer.services[at.index(app.services.len())];
        let name = service.name;
        let Some((_, routes)) = service.behind.iter_mut().find(|(_, routes)| routes.len() > 1) else { return Ok(()) };
        let removed = routes.remove(0);
        deep(move || {
            let changed = changed(&app.synthesized(false), &fewer.synthesized(false));
            let number = removed.split(".priority(").nth(1).map(rule);
            let is_rule = |id: &str| {
                (id.starts_with(name) && id.contains("ListenerRule"))
                    || number.as_ref().is_some_and(|rule| id.ends_with(rule))
            };
            let foreign: Vec<_> =
                changed.iter().filter(|id| !(is_rule(id) || **id == format!("{name}Service"))).collect();
            assert!(foreign.is_empty(), "{foreign:?}");
        });
    }
}

#[test]
fn no_edit_of_one_service_is_refused_by_the_rehearsal() {
    // Each case is six deployments: the number of cases of the other properties would take minutes.
    const CASES: usize = 3;
    let mut runner = TestRunner::default();
    for _ in 0..CASES {
        let case = (apps(), any::<prop::sample::Index>()).new_tree(&mut runner).unwrap();
        let (app, at) = case.current();
        deploys_each_edit(&app, at.index(app.services.len()));
    }
}

/// Deploys a stack to a rehearsal account, then each edit of one service.
fn deploys_each_edit(app: &App, at: usize) {
    let folder = tempfile::tempdir().unwrap();
    let edits = [app.clone(), app.renamed(at), app.without(at), app.clone(), app.without_balancer(at), app.clone()];
    for edit in edits {
        std::fs::write(folder.path().join("app.rhai"), edit.script(false)).unwrap();
        let arguments = ["run", "app.rhai", "deploy", "--rehearse", "--yes", "--max-task-failures", "0"];
        let output = rtiler(folder.path(), arguments).output().unwrap();
        assert!(output.status.success(), "{}\n{}", edit.script(false), printed(&output));
    }
}

#[test]
fn load_balancer_that_becomes_internal_gets_target_groups_of_its_own() {
    let app = |scheme: &str| {
        stack(&format!(
            "let alb = Alb(\"Shop\"){scheme};\n\
             Stack(\"shop\").add(FargateService(\"Shop\").image(\"nginx:1.29\").behind(alb))"
        ))
    };
    let (public, internal) = (app(""), app(".internal()"));
    assert!(public.template.resources.contains_key("ShopTargetGroup"));
    assert!(!internal.template.resources.contains_key("ShopTargetGroup"));
    assert!(internal.template.resources.contains_key("ShopInternalTargetGroup"));
}

#[test]
fn renamed_load_balancer_keeps_the_record_of_its_domain() {
    let app = |name: &str| {
        stack(&format!(
            "let alb = Alb(\"{name}\").domain(\"www.example.com\", \"Z0123456789ABCDEFGHIJ\");\n\
             Stack(\"shop\").add(FargateService(\"Shop\").image(\"nginx:1.29\").behind(alb))"
        ))
    };
    let (before, after) = (app("Front"), app("Edge"));
    assert!(before.template.resources.contains_key("WwwExampleComAliasRecord"));
    assert!(after.template.resources.contains_key("WwwExampleComAliasRecord"), "Route 53 refuses a second one");
}
