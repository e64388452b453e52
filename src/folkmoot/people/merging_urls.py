"""Addresses of merging; part of the register's."""

from django.urls import path

from folkmoot.people.views import candidates, merging

urlpatterns = [
    path("duplicates/", merging.candidates_first, name="candidates_first"),
    path("duplicates/<str:kind>/", candidates.candidates, name="candidates"),
    path("duplicates/<str:kind>/groups/<int:number>/", candidates.candidate_group, name="candidate_group"),
    path("duplicates/<str:kind>/<int:pk>/later/", candidates.put_off, name="put_off_candidate"),
    path("duplicates/<str:kind>/reopen/<str:token>/", candidates.reopen_candidates, name="reopen_candidates"),
    path("merge/<str:kind>/<int:pk>/", merging.merge_with, name="merge_with"),
    path("merge/<str:kind>/<int:stays>/<int:goes>/", merging.merge_pair, name="merge_pair"),
    path("merge/<str:kind>/<int:first>/<int:second>/not-the-same/", candidates.keep_apart, name="keep_apart"),
    path("merges/", merging.merges, name="merges"),
    path("merges/<int:pk>/", merging.merge, name="merge"),
    path("merges/<int:pk>/undo/", merging.undo_merge, name="undo_merge"),
    path("merges/batches/<uuid:batch>/undo/", merging.undo_batch, name="undo_batch"),
]
