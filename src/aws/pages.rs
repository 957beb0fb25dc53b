//! The pages of a listing.

use super::convert;
use crate::deploy::api::{ApiCall, AwsError, ErrorKind};

/// The maximum number of pages of a listing: the limits of AWS on what is listed need far fewer.
const MAX_PAGES: usize = 1_000;

/// The place in a listing. A server that gives the same page again and again does not keep rtiler busy.
pub(super) struct Pages {
    call: ApiCall,
    next: Option<String>,
    read: usize,
}

impl Pages {
    /// Creates the place before the first page of a call's listing.
    pub(super) fn of(call: ApiCall) -> Self {
        Self { call, next: None, read: 0 }
    }

    /// Creates the place before the page with a token.
    pub(super) fn from(call: ApiCall, token: Option<&str>) -> Self {
        Self { next: token.map(str::to_owned), ..Self::of(call) }
    }

    /// Returns the token of the page to request.
    pub(super) fn token(&self) -> Option<String> {
        self.next.clone()
    }

    /// Takes the token of the page after the one that was read; returns whether there is one.
    ///
    /// # Errors
    ///
    /// The answer leads to itself, or to more pages than a listing of AWS has.
    pub(super) fn advance(&mut self, next: Option<String>) -> Result<bool, AwsError> {
        let next = convert::non_empty(next);
        self.read += 1;
        let problem = if next.is_some() && next == self.next {
            "the answer names itself as the next page"
        } else if self.read >= MAX_PAGES {
            "the answer has more pages than a listing of AWS"
        } else {
            self.next = next;
            return Ok(self.next.is_some());
        };
        Err(AwsError::new(ErrorKind::OddAnswer, self.call, "RepeatedPage", problem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listing_ends_with_the_page_that_names_no_other() {
        let mut pages = Pages::of(ApiCall::ListExports);
        assert_eq!(pages.advance(Some("a".into())), Ok(true));
        assert_eq!(pages.token().as_deref(), Some("a"));
        assert_eq!(pages.advance(Some("b".into())), Ok(true));
        assert_eq!(pages.advance(Some(String::new())), Ok(false));
    }

    #[test]
    fn page_that_names_itself_is_an_error() {
        let mut pages = Pages::of(ApiCall::ListExports);
        assert_eq!(pages.advance(Some("a".into())), Ok(true));
        let error = pages.advance(Some("a".into())).expect_err("the same page");
        assert_eq!(error.kind, ErrorKind::OddAnswer);
        assert!(Pages::from(ApiCall::DescribeStackEvents, Some("a")).advance(Some("a".into())).is_err());
    }

    #[test]
    fn listing_without_an_end_is_an_error() {
        let mut pages = Pages::of(ApiCall::ListExports);
        let mut number = 0;
        let error = loop {
            number += 1;
            if let Err(error) = pages.advance(Some(number.to_string())) {
                break error;
            }
        };
        assert_eq!((error.kind, number), (ErrorKind::OddAnswer, MAX_PAGES));
    }
}
