//! The scaling of a service: its scalable target, and the policies that change the number of tasks.

mod backlog;
mod steps;
mod tracking;

use std::rc::Rc;

use super::{FargateService, load_balancing};
use crate::block::Scaling;
use crate::block::lowering::{Lowering, SetProperty};
use crate::cfn;
use crate::cfn::type_names::SCALABLE_TARGET;
use crate::cfn::{Map, Resource, TemplateString, Value};
use crate::diag::WithOrigin;

pub(super) fn lower(service: &Rc<FargateService>, lowering: &mut Lowering<'_>) {
    let Some(scaling) = &service.scaling else { return };
    let Some(cluster) = lowering.context.cluster(service).cloned() else { return };
    let resource_id = TemplateString::from("service/").join(cluster.name()).with("/").join(service.name());
    lowering.add(service.part("ScalableTarget"), target(scaling, resource_id));
    tracking::lower(service, &scaling.value, lowering);
    backlog::lower(service, &scaling.value, &cluster, lowering);
    steps::lower(service, &scaling.value, lowering);
}

fn target(scaling: &WithOrigin<Scaling>, resource_id: TemplateString) -> Resource {
    let tasks = &scaling.value.tasks;
    let mut target = Resource::new(SCALABLE_TARGET, scaling.origin.clone())
        .with("MinCapacity", *tasks.value.start())
        .with("MaxCapacity", *tasks.value.end())
        .with("ResourceId", resource_id)
        .with("ScalableDimension", "ecs:service:DesiredCount")
        .with("ServiceNamespace", "ecs")
        .with_origin("MinCapacity", tasks)
        .with_origin("MaxCapacity", tasks);
    let mut actions = Vec::new();
    for (at, action) in scaling.value.schedule.iter().enumerate() {
        target = target.record_origin(&format!("ScheduledActions.{at}"), &action.origin);
        let action = &action.value;
        let range = cfn!({ "MinCapacity": *action.tasks.start(), "MaxCapacity": *action.tasks.end() });
        let mut properties = Map::from_iter([
            ("ScheduledActionName".to_owned(), Value::from(action.name.as_str())),
            ("Schedule".to_owned(), Value::from(&action.when)),
            ("ScalableTargetAction".to_owned(), range),
        ]);
        properties.extend(action.time_zone.iter().map(|zone| ("Timezone".to_owned(), zone.into())));
        actions.push(Value::Map(properties));
    }
    if actions.is_empty() { target } else { target.with("ScheduledActions", actions) }
}
