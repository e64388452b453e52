"""Background work of the first page: loading the sample community into a new installation."""

from __future__ import annotations

from django.urls import reverse

from folkmoot.home import demo
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.cli import Problem
from folkmoot.kernel.jobs.actions import enqueue
from folkmoot.kernel.jobs.context import JobContext, JobRefused

SAMPLE = "home.sample"


def load_sample(context: JobContext) -> dict[str, bool]:
    """Load the sample for whoever asked; parts that are loaded are passed over, so it can go on at any time."""
    try:
        loaded = demo.load(lambda _step: None, User.objects.get(pk=context.job.arguments["user"]))
    except Problem as problem:
        raise JobRefused(str(problem)) from problem
    return {"loaded": loaded}


def begin_sample(user: User) -> str:
    """Queue it; returns the page where its progress is seen."""
    job = enqueue(kind=SAMPLE, arguments={"user": user.pk}, created_by=user)
    return reverse("jobs:job", args=[job.pk])
