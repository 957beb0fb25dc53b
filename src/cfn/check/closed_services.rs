//! Types of services that AWS has closed.

use super::context::CheckContext;
use crate::cfn::PropertyPath;
use crate::diag::{Code, Diagnostic, Sink};

/// One line for each service: the beginning of its types, the day or `-`, its name, the source.
const SERVICES: &str = include_str!("../../../stdlib/closed-services.txt");

/// A service that AWS has closed.
struct ClosedService {
    date: Option<&'static str>,
    name: &'static str,
}

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for found in scope.resources() {
        let Some(service) = closed(found.kind()) else { continue };
        let origin = found.resource.origin_of(&PropertyPath::attribute("Type"));
        let closure = match service.date {
            Some(date) => format!("AWS closed {} on {date}", service.name),
            None => format!("AWS has closed {}", service.name),
        };
        let message = format!("{closure}: `{}` cannot be created", found.kind());
        sink.push(Diagnostic::new(Code::ClosedService, message).at(origin, ""));
    }
}

/// Returns the closed service of a type; a beginning that ends in `::` is all types of a service.
fn closed(kind: &str) -> Option<ClosedService> {
    SERVICES.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut columns = line.split('|').map(str::trim);
        let start = columns.next()?;
        let is_it = if start.ends_with("::") { kind.starts_with(start) } else { kind == start };
        let (date, name) = (columns.next().filter(|_| is_it)?, columns.next()?);
        Some(ClosedService { date: Some(date).filter(|date| *date != "-"), name })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_a_start_a_day_a_name_and_a_source() {
        let lines: Vec<&str> = SERVICES.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.len() > 25 && lines.is_sorted());
        for line in lines {
            let columns: Vec<&str> = line.split('|').map(str::trim).collect();
            assert_eq!(columns.len(), 4, "{line}");
            assert!(columns[0].starts_with("AWS::"), "{line}");
            assert!(columns[1] == "-" || columns[1].parse::<jiff::civil::Date>().is_ok(), "{line}");
            assert!(columns[3].len() > 10, "{line}");
        }
    }

    #[test]
    fn type_that_another_service_took_over_is_not_closed() {
        assert!(closed("AWS::Pinpoint::Campaign").is_some());
        for kind in ["AWS::Pinpoint::App", "AWS::Pinpoint::GCMChannel", "AWS::Pinpoint::SMSChannel"] {
            assert!(closed(kind).is_none(), "{kind}");
        }
        assert!(closed("AWS::CodeStar::GitHubRepository").is_none());
    }

    #[test]
    fn service_without_a_certain_day_has_none() {
        assert_eq!(closed("AWS::NimbleStudio::Studio").expect("a closed service").date, None);
        assert_eq!(closed("AWS::Proton::EnvironmentTemplate").expect("a closed service").date, Some("2026-10-07"));
    }

    #[test]
    fn service_of_a_similar_name_is_not_closed() {
        assert!(closed("AWS::QLDB::Ledger").is_some());
        assert!(closed("AWS::WAFv2::WebACL").is_none());
        assert!(closed("AWS::OpsWorksCM::Server").is_some());
        assert!(closed("AWS::RDS::DBSecurityGroup").is_some());
        assert!(closed("AWS::SageMaker::DomainX").is_none());
    }
}
