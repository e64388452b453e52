"""Submissions as their issues live: the tracker is read by the ledger, and what it shows is brought in here.

``replay`` lays an issue's events in order and says what it looked like after each; ``words`` who spoke; ``said`` what
it says; ``taking`` brings all of it into submissions, sightings and parts; ``state`` says how fresh that is.
"""
