"""The questions that only GraphQL answers."""

from __future__ import annotations

_ACTOR = """__typename login
      ... on User { databaseId } ... on Bot { databaseId } ... on Mannequin { databaseId }
      ... on Organization { databaseId }"""

#: Pull requests, those changed last first, each with its reviews.
REVIEWS = f"""
query Reviews($owner: String!, $name: String!, $first: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    pullRequests(first: $first, after: $after, orderBy: {{field: UPDATED_AT, direction: DESC}}) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {{
        number updatedAt
        reviews(first: 100) {{
          pageInfo {{ hasNextPage }}
          nodes {{ databaseId state submittedAt author {{ {_ACTOR} }} }}
        }}
      }}
    }}
  }}
}}"""

#: Discussions, those changed last first.
DISCUSSIONS = f"""
query Discussions($owner: String!, $name: String!, $first: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    discussions(first: $first, after: $after, orderBy: {{field: UPDATED_AT, direction: DESC}}) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {{
        number title url createdAt updatedAt closed closedAt
        category {{ name }} comments {{ totalCount }}
        author {{ {_ACTOR} }}
      }}
    }}
  }}
}}"""

#: Stars, the oldest first.
STARS = """
query Stars($owner: String!, $name: String!, $first: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    stargazers(first: $first, after: $after, orderBy: {field: STARRED_AT, direction: ASC}) {
      pageInfo { hasNextPage endCursor }
      edges { starredAt node { login databaseId } }
    }
  }
}"""

#: How many of each are asked for at once.
FIRST = {"pullRequests": 30, "discussions": 50, "stargazers": 100}

#: A repository and the categories of its discussions.
CATEGORIES = """
query Categories($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    id
    discussionCategories(first: 100) { nodes { id name slug } }
  }
}"""

#: The newest discussions of a category.
NEWEST = """
query Newest($owner: String!, $name: String!, $category: ID!) {
  repository(owner: $owner, name: $name) {
    newest: discussions(first: 20, categoryId: $category, orderBy: {field: CREATED_AT, direction: DESC}) {
      nodes { id url number body }
    }
  }
}"""

#: The last comments on a discussion.
COMMENTS = """
query Comments($discussion: ID!) {
  node(id: $discussion) { ... on Discussion { comments(last: 50) { nodes { id url body } } } }
}"""

#: How discussions and comments fare.
FARES = """
query Fares($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Discussion { id upvoteCount reactions { totalCount } comments { totalCount } }
    ... on DiscussionComment { id upvoteCount reactions { totalCount } replies { totalCount } }
  }
}"""

CREATE_DISCUSSION = """
mutation CreateDiscussion($repository: ID!, $category: ID!, $title: String!, $body: String!) {
  createDiscussion(input: {repositoryId: $repository, categoryId: $category, title: $title, body: $body}) {
    discussion { id url number }
  }
}"""

ADD_COMMENT = """
mutation AddDiscussionComment($discussion: ID!, $body: String!) {
  addDiscussionComment(input: {discussionId: $discussion, body: $body}) { comment { id url } }
}"""

UPDATE_DISCUSSION = """
mutation UpdateDiscussion($id: ID!, $title: String, $body: String!) {
  updateDiscussion(input: {discussionId: $id, title: $title, body: $body}) { discussion { id url } }
}"""

UPDATE_COMMENT = """
mutation UpdateDiscussionComment($id: ID!, $body: String!) {
  updateDiscussionComment(input: {commentId: $id, body: $body}) { comment { id url } }
}"""

DELETE_DISCUSSION = """
mutation DeleteDiscussion($id: ID!) {
  deleteDiscussion(input: {id: $id}) { discussion { id } }
}"""

DELETE_COMMENT = """
mutation DeleteDiscussionComment($id: ID!) {
  deleteDiscussionComment(input: {id: $id}) { comment { id } }
}"""
