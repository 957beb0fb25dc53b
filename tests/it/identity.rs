//! Identity comes from names, never from the order of calls: random stacks of services behind two load balancers.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rtiler::cfn::diff::templates;
use rtiler::cfn::schema::Schema;
use rtiler::synth::DesiredStack;

use crate::scripted::{deep, stack};

/// The load balancers, with the setters of each.
const BALANCERS: [(&str, &str); 2] = [("Outer", ""), ("Inner", ".internal()")];
const NAMES: [&str; 5] = ["Api", "Docs", "Site", "Orders", "Mail"];

/// A service: its name, and how it is behind each load balancer.
#[derive(Debug, Clone)]
struct Service {
    name: &'static str,
    behind: Vec<(usize, Vec<String>)>,
}

impl Service {
    fn calls(&self) -> Vec<String> {
        let call = |balancer: &str, path: &String| format!(".behind({}, \"{path}\")", balancer.to_lowercase());
        self.behind.iter().flat_map(|(at, paths)| paths.iter().map(move |path| call(BALANCERS[*at].0, path))).collect()
    }

    fn expression(&self, reversed: bool) -> String {
        let mut calls = self.calls();
        if reversed {
            calls.reverse();
        }
        format!("FargateService(\"{}\").cluster(main).image(\"nginx:1.29\"){}", self.name, calls.concat())
    }
}

fn services() -> impl Strategy<Value = Vec<Service>> {
    let paths = |name: &'static str| {
        let own = name.to_lowercase();
        let all = [format!("/{own}/*"), format!("/{own}"), format!("/v1/{own}/*"), format!("/a/b/c/{own}*")];
        prop::sample::subsequence(all.to_vec(), 1..=3)
    };
    let service = move |name: &'static str| {
        let behind = prop::sample::subsequence(vec![0, 1], 0..=2);
        (behind, paths(name), paths(name)).prop_map(move |(balancers, one, two)| {
            let paths = [one, two];
            Service { name, behind: balancers.into_iter().map(|at| (at, paths[at].clone())).collect() }
        })
    };
    prop::sample::subsequence(NAMES.to_vec(), 1..=5)
        .prop_flat_map(move |names| names.into_iter().map(service).collect::<Vec<_>>())
}

/// Returns the stack of a script that adds the services in this order.
fn synthesized(services: &[Service], reversed: bool) -> DesiredStack {
    let balancers: String = BALANCERS
        .iter()
        .map(|(name, setters)| format!("let {} = Alb(\"{name}\").vpc(net){setters};\n", name.to_lowercase()))
        .collect();
    let mut expressions: Vec<String> = services.iter().map(|service| service.expression(reversed)).collect();
    if reversed {
        expressions.reverse();
    }
    let adds = if reversed { ["inner", "outer"] } else { ["outer", "inner"] };
    stack(&format!(
        "let net = Vpc(\"Net\");\nlet main = Cluster(\"Main\").vpc(net);\n{balancers}\
         Stack(\"app\").add([{}]).add([{}, main, {}])",
        expressions.join(", "),
        adds[0],
        adds[1],
    ))
}

fn changed(before: &DesiredStack, after: &DesiredStack) -> BTreeSet<String> {
    let diff = templates(&before.template, &after.template, Some(Schema::embedded()));
    diff.resources.iter().map(|resource| resource.id.to_string()).collect()
}

/// Returns whether a resource belongs to a service: its stem is the service's, or a load balancer's rule leads to it.
fn belongs_to(id: &str, service: &str) -> bool {
    id.starts_with(service) || id.contains(&format!("To{service}Service"))
}

proptest! {
    #[test]
    fn order_of_independent_calls_does_not_change_the_template(services in services()) {
        deep(move || {
            let (one, other) = (synthesized(&services, false), synthesized(&services, true));
            assert!(changed(&one, &other).is_empty(), "{:?}", changed(&one, &other));
        });
    }

    #[test]
    fn removed_service_changes_only_what_belongs_to_it(services in services(), at in any::<prop::sample::Index>()) {
        deep(move || {
            let mut fewer = services.clone();
            let removed = fewer.remove(at.index(services.len()));
            let changed = changed(&synthesized(&services, false), &synthesized(&fewer, false));
            let foreign: Vec<_> = changed.iter().filter(|id| !belongs_to(id, removed.name)).collect();
            assert!(foreign.is_empty(), "without {}: {foreign:?}", removed.name);
        });
    }

    #[test]
    fn removed_route_changes_only_its_rules(services in services(), at in any::<prop::sample::Index>()) {
        let mut fewer = services.clone();
        let service = &mut fewer[at.index(services.len())];
        let name = service.name;
        let Some((_, paths)) = service.behind.iter_mut().find(|(_, paths)| paths.len() > 1) else { return Ok(()) };
        paths.remove(0);
        deep(move || {
            let changed = changed(&synthesized(&services, false), &synthesized(&fewer, false));
            let foreign: Vec<_> = changed
                .iter()
                .filter(|id| !(id.starts_with(name) && id.contains("ListenerRule") || **id == format!("{name}Service")))
                .collect();
            assert!(foreign.is_empty(), "{foreign:?}");
        });
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
