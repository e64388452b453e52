"""Addresses of unconferences for everybody."""

from __future__ import annotations

from django.urls import path

from folkmoot.training.views import board, public_unconference

urlpatterns = [
    path("proposed/<str:token>/", public_unconference.proposal, name="proposal"),
    path("<slug:slug>/proposals/", public_unconference.proposals, name="proposals"),
    path("<slug:slug>/proposals/new/", public_unconference.propose, name="propose"),
    path("<slug:slug>/proposals/alike/", public_unconference.alike, name="alike"),
    path("<slug:slug>/vote/", public_unconference.vote, name="vote"),
    path("<slug:slug>/vote/<str:token>/", public_unconference.vote_as, name="vote_as"),
    path("<slug:slug>/board/", board.board, name="board"),
    path("<slug:slug>/board/live/", board.board_live, name="board_live"),
    path("<slug:slug>/board/board.pdf", board.board_pdf, name="board_pdf"),
    path("<slug:slug>/board/code.svg", board.board_code, name="board_code"),
]
