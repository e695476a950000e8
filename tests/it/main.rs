//! One integration-test binary, a file a feature.
