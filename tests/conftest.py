"""What all tests share: Hypothesis settings that do not depend on how busy the machine is."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "sortopt",
    deadline=None,
    derandomize=True,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("sortopt")
