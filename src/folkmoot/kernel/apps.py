"""The kernel as a Django app: once everything is loaded, each area's rules and plugs are."""

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class KernelConfig(AppConfig):
    """Knows no domain; finds the areas by their files."""

    name = "folkmoot.kernel"
    label = "kernel"
    verbose_name = "Kernel"

    def ready(self) -> None:
        autodiscover_modules("rules", "plugs")
        from folkmoot.kernel import erasing as _erasing  # noqa: F401 - registers itself
        from folkmoot.kernel import lookups as _lookups  # noqa: F401 - registers itself
        from folkmoot.kernel.changes import watching
        from folkmoot.kernel.imports import plugs as _imports  # noqa: F401 - registers itself
        from folkmoot.kernel.jobs import plugs as _jobs  # noqa: F401 - registers itself
        from folkmoot.kernel.notices import plugs as _notices  # noqa: F401 - registers itself
        from folkmoot.kernel.ops import plugs as _ops  # noqa: F401 - registers itself
        from folkmoot.kernel.search import wiring as _wiring  # noqa: F401 - connects itself
        from folkmoot.kernel.signin import signals as _signals  # noqa: F401 - connects itself
        from folkmoot.kernel.tokens import plugs as _tokens  # noqa: F401 - registers itself
        from folkmoot.kernel.users import plugs as _users  # noqa: F401 - registers itself
        from folkmoot.kernel.welcome import plugs as _welcome  # noqa: F401 - registers itself

        post_migrate.connect(watching.after_migrate, sender=self, dispatch_uid="changes")
        if settings.SENTRY_DSN:
            from folkmoot.kernel.ops import sentry

            sentry.start(settings.SENTRY_DSN)
